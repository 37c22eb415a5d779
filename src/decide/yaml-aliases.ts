import { isAlias, isCollection, isScalar, visit } from 'yaml'
import type { Alias, Document, Node } from 'yaml'

/**
 * What every alias of a YAML document stands for: the last node before it that has its anchor; an alias without one is
 * left out. One walk for all: the library's own `resolve` walks the document once for each.
 */
export function resolveAliases(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const meant = new Map<Alias, Node>()
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const anchored = anchors.get(node.source)
        if (anchored !== undefined) meant.set(node, anchored)
      } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
        anchors.set(node.anchor, node)
      }
    }
  })
  return meant
}
