package bundle

import (
	"context"
	"crypto/sha256"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/verify"
)

// markOf returns the mark that a bundle leaves.
func markOf(in *Info) verify.Mark {
	return verify.Mark{
		MarkKey: verify.MarkKey{Kind: verify.BundleMark, Issuer: in.Issuer, Name: in.ID},
		AsOf:    in.Created, Sequence: in.Sequence, Sum: sha256.Sum256([]byte(in.Digest)),
	}
}

// marked refuses a bundle that is older than one that left a mark, or another of
// the same number.
func (o *Options) marked(ctx context.Context, in *Info) error {
	if o.Marks == nil {
		return nil
	}
	own := markOf(in)
	m, err := o.Marks.LoadMark(ctx, own.MarkKey)
	switch {
	case err != nil:
		return &Error{
			Code: code.StatusUnavailable, Path: "/sequence", Detail: "what was seen of the series could not be read", Err: err,
		}
	case own.Sequence < m.Sequence:
		return rolledBack(own.Sequence, m.Sequence)
	case own.Sequence == m.Sequence && own.Sum != m.Sum:
		return &Error{
			Code: code.StatusRolledBack, Path: "/sequence",
			Detail: "another bundle of the same sequence number was seen before",
		}
	}
	return nil
}

// mark keeps that a bundle was seen.
func (o *Options) mark(ctx context.Context, in *Info) error {
	if o.Marks == nil {
		return nil
	}
	if err := o.Marks.SaveMark(ctx, markOf(in)); err != nil {
		return &Error{
			Code: code.StatusUnavailable, Path: "/sequence", Detail: "that the bundle was seen could not be kept", Err: err,
		}
	}
	return nil
}
