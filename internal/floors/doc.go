// Package floors holds no code. Its tests keep the architecture: which package
// may import which, what must never be linked, and a few habits that a
// compiler does not check.
package floors
