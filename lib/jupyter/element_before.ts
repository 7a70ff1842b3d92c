/** Finds the element that a script of an output belongs to. */

interface PageNode {
  readonly localName?: string;
  readonly previousElementSibling: PageNode | null;
}

/**
 * Finds the element before a script. VS Code runs a copy of each script and puts the copy behind it, so
 * scripts are passed over. The function is copied to the page as text.
 */
export function elementBefore<Node extends PageNode>(script: PageNode | null): Node | null {
  let node = script?.previousElementSibling;
  while (node?.localName === "script") node = node.previousElementSibling;
  return (node ?? null) as Node | null;
}
