package sqlstore

import "github.com/safeconduct/safeconduct/verify"

// values takes the values of a row, one after the other: as parameters of a statement, or as bytes of a group.
type values interface {
	number(n int64)
	text(s string)
	bytes(b []byte)
	digest(d digest) // none is NULL
	quantity(q verify.Quantity)
}

// parameters are values for a statement.
type parameters []any

func (p *parameters) number(n int64)             { *p = append(*p, n) }
func (p *parameters) text(s string)              { *p = append(*p, s) }
func (p *parameters) bytes(b []byte)             { *p = append(*p, b) }
func (p *parameters) digest(d digest)            { *p = append(*p, d.value()) }
func (p *parameters) quantity(q verify.Quantity) { *p = append(*p, bytesOf(q)) }

// parameters returns a row as parameters: its columns, and then its key. now is nil for the key alone.
func (t *table[K, T]) parameters(s *Store, key K, now *T) []any {
	p := make(parameters, 0, len(t.columns)+len(t.key))
	if now != nil {
		t.write(&p, s, now)
	}
	t.keyed(&p, s, key)
	return p
}
