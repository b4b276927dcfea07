package receipt

import (
	"context"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// Keeper does with every decision of a server what this package is for: it seals
// it, keeps it in the log, and gives back what the agent may have. It fits
// verifyhttp.GuardConfig.Receipt. It is safe for concurrent use.
type Keeper struct {
	Log    *Log
	Signer did.Signer // the verifier's key; see [Seal]

	// Strangers keeps refusals of callers, too, who did not prove who they are.
	// False: those leave no receipt, so that whoever sends rubbish cannot fill the
	// disk.
	Strangers bool
}

// Keep seals a decision and appends it to the log. It returns the receipt and a
// proof that the log has it, as [Verify] takes them; or nothing, if the decision
// is not to be kept. When it returns, the receipt is on disk. The decision must
// have its evidence; see verify.Config.Evidence.
func (k *Keeper) Keep(ctx context.Context, d *verify.Decision) (receipt, proof []byte, err error) {
	if k == nil || k.Log == nil {
		return nil, nil, fault("the keeper has no log")
	}
	// Without evidence the verifier was not asked: it was refused in front of it.
	if d != nil && !proven(d) && (!k.Strangers || d.Evidence == nil) {
		return nil, nil, nil
	}
	r, err := Seal(ctx, k.Signer, d)
	if err != nil {
		return nil, nil, err
	}
	index, err := k.Log.Append(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	// The receipt is kept, whatever becomes of its proof.
	p, err := k.Log.Prove(ctx, index)
	if err != nil {
		return []byte(r.text), nil, err
	}
	proof, err = p.MarshalText()
	return []byte(r.text), proof, err
}

// proven reports whether the decision knows who it was about.
func proven(d *verify.Decision) bool {
	for i := range d.Steps {
		if d.Steps[i].Name == verify.StepProof {
			return d.Steps[i].Outcome == verify.Passed
		}
	}
	return false
}
