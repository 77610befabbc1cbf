/** What whoever gets the file types in its folder, on any system's command line. @param path of the age file */
export function openCommand(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  // Double quotes mean the same to sh, cmd.exe and PowerShell but for these; sh alone has single ones that quote all.
  const quote = (text: string): string => (/["$`\\!%]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text}"`);
  return `age --decrypt --output ${quote(name.replace(/\.age$/, ''))} ${quote(name)}`;
}
