package verify

import "context"

type contextKey struct{}

// NewContext returns a context that carries an allowed decision to the code
// that acts on it. Everything that runs in front of such code uses it:
// package verifyhttp for a handler, package shield for a function, and
// adapters for other protocols. A decision that does not allow, and nil, are
// not carried: the context is returned without any decision. A nil context is
// context.Background.
func NewContext(ctx context.Context, d *Decision) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if d != nil && d.Verdict != Allow {
		d = nil
	}
	return context.WithValue(ctx, contextKey{}, d)
}

// FromContext returns the decision that let this call through; false if
// nothing has verified it.
func FromContext(ctx context.Context) (*Decision, bool) {
	if ctx == nil {
		return nil, false
	}
	d, _ := ctx.Value(contextKey{}).(*Decision)
	return d, d != nil
}
