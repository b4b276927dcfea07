// Package goldld canonicalises JSON-LD with json-gold, behind guards, for hosts
// that must take documents with arbitrary inline contexts:
//
//	gold, err := goldld.New(goldld.Options{})
//	p := credential.Parser{Profile: credential.Conformance, Canonicalizer: gold}
//
// It is slower than the engine of package credential and made for the few who
// need it. Package verify never uses it.
//
// # The guards
//
// json-gold is neither strict nor safe against a stranger's document. What
// stands around it:
//
//   - The text is parsed strictly: duplicate names, numbers that a double does
//     not hold, depth and size are refused before json-gold sees anything.
//   - Contexts come from the embedded set and from what the host registers;
//     nothing is fetched. json-gold gets a copy of its own each time, because it
//     writes into what it loads. @import, and @context: null inside, are refused.
//   - A protected term stays what it is: contexts are also processed by the own
//     engine, and refused when it refuses them.
//   - Null, empty arrays and empty objects are refused, as is everything that
//     names a relative IRI, one that RDF cannot write, a blank node as
//     predicate, @index, a base direction, a malformed language tag, a JSON
//     literal that is not an object, and a number that is not an integer within
//     ±(2^53-1).
//   - Expansion runs in safe mode, and the expanded document is walked: each
//     statement in it is counted, and the dataset must have exactly as many. A
//     document that says one thing twice is refused for the same reason.
//   - A document that embeds credentials is refused: json-gold puts them into
//     the wrong graph. Secure such presentations with eddsa-jcs-2022 or vp+jwt.
//   - Panics become errors. JSON literals are written by the own JCS, and the
//     dataset is canonicalised by the own RDFC-1.0, which has a work budget;
//     json-gold's has none. Nor has its expansion, so that inline contexts with
//     many terms over many objects are refused.
package goldld
