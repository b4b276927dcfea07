package registry

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// Head signs what the newest line of an organisation's log is, with the key of the
// office: a checkpoint in the form of C2SP signed notes (tlog-checkpoint), whose root is
// the Hash of that line. Keep it where nobody can write who can write to the store, such
// as with an auditor: [Audit.VerifySince] then sees that lines were cut off, or that the
// log was written anew. "" is the log of the office, which root reads.
//
// It is signed with the key that signs now, and stays good when another one does; a head of a key that was revoked is
// not. It fails with BAD_REQUEST if the signer does not tell its public key: those of
// did.NewSigner and did.KeyPair do.
func (a *Audit) Head(ctx context.Context, by Actor, org string) ([]byte, error) {
	signer, err := a.r.signerNow(ctx)
	if err != nil {
		return nil, err
	}
	key, err := publicKey(signer)
	if err != nil {
		return nil, err
	}
	org, last, err := a.last(ctx, by, org)
	if err != nil {
		return nil, err
	}
	root, err := hex.DecodeString(last.Hash)
	if err != nil {
		return nil, err
	}
	if last.Number == 0 {
		root = make([]byte, sha256.Size)
	}
	name := a.r.logName(org)
	text := name + "\n" + strconv.FormatInt(last.Number, 10) + "\n" + base64.StdEncoding.EncodeToString(root) + "\n"
	sig, err := signer.Sign(ctx, []byte(text))
	if err != nil {
		return nil, err
	}
	signed := base64.StdEncoding.EncodeToString(append(keyHash(name, key), sig...))
	return []byte(text + "\n— " + name + " " + signed + "\n"), nil
}

// Key returns the key by which others check heads of an organisation's log, in the form
// of a verifier key of C2SP signed notes; receipt.OpenCheckpoint takes it.
func (a *Audit) Key(ctx context.Context, by Actor, org string) (string, error) {
	org, err := a.readable(by, org)
	if err != nil {
		return "", err
	}
	signer, err := a.r.signerNow(ctx)
	if err != nil {
		return "", err
	}
	key, err := publicKey(signer)
	if err != nil {
		return "", err
	}
	name := a.r.logName(org)
	return name + "+" + hex.EncodeToString(keyHash(name, key)) + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{noteEd25519}, key.Bytes()...)), nil
}

// VerifySince goes through the log of an organisation as [Audit.Verify] does, and looks
// whether it still has what a head of it says that it had. A log that was cut off or
// written anew since is [ErrBroken]; a head that this office did not sign for this log is
// BAD_REQUEST.
func (a *Audit) VerifySince(ctx context.Context, by Actor, org string, head []byte) error {
	org, err := a.readable(by, org)
	if err != nil {
		return err
	}
	number, hash, err := a.r.openHead(ctx, org, head)
	if err != nil {
		return err
	}
	if err := a.Verify(ctx, by, org); err != nil || number == 0 {
		return err
	}
	list, err := a.List(ctx, by, org, number-1, 1)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return fmt.Errorf("%w: it had %d lines when the head was signed, and has fewer", ErrBroken, number)
	case list[0].Hash != hash:
		return fmt.Errorf("%w: line %d was another one when the head was signed", ErrBroken, number)
	}
	return nil
}

// last returns the newest line of a log; number 0 if there is none.
func (a *Audit) last(ctx context.Context, by Actor, org string) (string, *AuditRecord, error) {
	org, err := a.readable(by, org)
	if err != nil {
		return "", nil, err
	}
	var line AuditRecord
	err = a.r.config.Store.View(ctx, func(tx Tx) error {
		line = AuditRecord{}
		e, err := tx.Last("audit/" + org)
		if err != nil || e.Number == 0 {
			return err
		}
		return json.Unmarshal(e.Body, &line)
	})
	return org, &line, err
}

// logName is the origin of a log.
func (r *Registry) logName(org string) string {
	if org == "" {
		org = "office"
	}
	return strings.TrimPrefix(r.config.BaseURL, "https://") + "/audit/" + org
}

// noteEd25519 is the type of a signature, in a signed note.
const noteEd25519 = 1

// keyHash is the hash by which a note names a key.
func keyHash(name string, key did.PublicKey) []byte {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write([]byte{noteEd25519})
	h.Write(key.Bytes())
	return h.Sum(nil)[:4]
}

// openHead reads a head that this office has signed.
func (r *Registry) openHead(ctx context.Context, org string, head []byte) (number int64, hash string, err error) {
	bad := refuse(BadRequest, "Head", "want a head that this office has signed for this log")
	var keys []*IssuerKey
	if err := r.config.Store.View(ctx, func(tx Tx) (err error) {
		keys, err = r.allKeys(tx)
		return err
	}); err != nil {
		return 0, "", err
	}
	text, sigs, ok := strings.Cut(string(head), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 3 || lines[0] != r.logName(org) {
		return 0, "", bad
	}
	number, err = strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || err2 != nil || number < 0 || len(root) != sha256.Size {
		return 0, "", bad
	}
	prefix := "— " + lines[0] + " "
	for _, line := range strings.Split(sigs, "\n") { // there may be those of witnesses, too
		mac, ok := strings.CutPrefix(line, prefix)
		raw, err := base64.StdEncoding.DecodeString(mac)
		if !ok || err != nil || len(raw) < 4 {
			continue
		}
		for _, k := range keys {
			if string(raw[:4]) != string(keyHash(lines[0], k.Key)) || !k.Key.Verify([]byte(text+"\n"), raw[4:]) {
				continue
			}
			if k.Status == KeyRevoked { // whoever has it may have signed the head
				return 0, "", refuse(BadRequest, "Head", "%s, which signed it, was revoked: take a new head", k.ID)
			}
			return number, hex.EncodeToString(root), nil
		}
	}
	return 0, "", bad
}
