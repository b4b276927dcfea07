// Package growth measures how many files an extension touches. Each patch adds
// one dummy: a facet of authority, a second key algorithm, a kind of status
// list, a rule with a code of its own. The test counts the files of each patch
// and checks that it applies; with SAFECONDUCT_GROWTH=1 it also applies each to
// a copy of the repository, builds it and tests what it touches.
//
// The patches are never merged. CONTRIBUTING.md says how to redraw one that no
// longer applies.
package growth
