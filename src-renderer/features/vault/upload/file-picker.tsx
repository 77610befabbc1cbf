import { type Ref, useImperativeHandle, useRef } from 'react';

export interface FilePickerHandle {
  files(): void;
  folder(): void;
}

/** The browser's own choosers, for files and for a whole folder. */
export function FilePicker({
  ref,
  onChosen,
}: {
  ref: Ref<FilePickerHandle>;
  onChosen: (files: Iterable<File>) => void;
}) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({ files: () => files.current?.click(), folder: () => folder.current?.click() }), []);
  const chosen = (input: HTMLInputElement) => {
    onChosen([...(input.files ?? [])]);
    // So that choosing the same file again is a change.
    input.value = '';
  };
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid="choose-files"
        onChange={(e) => chosen(e.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        data-testid="choose-folder"
        {...{ webkitdirectory: '' }}
        onChange={(e) => chosen(e.currentTarget)}
      />
    </>
  );
}
