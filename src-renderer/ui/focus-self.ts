/**
 * Where focus goes when a dialog opens and nothing in it asked for it: the dialog itself, so that its title is read and
 * the close button does not begin by showing its tooltip.
 */
export function focusSelf(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}
