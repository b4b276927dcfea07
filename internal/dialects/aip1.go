package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

// aip1Args is what the verifier of an envelope knows.
type aip1Args struct {
	Now       time.Time `json:"now"`
	Key       string    `json:"public_key_hex"`
	IssuerKey string    `json:"issuer_public_key_hex"`
	HMACKey   *string   `json:"hmac_key_hex"`

	RequireMandate bool              `json:"require_mandate"`
	Geo            string            `json:"request_geo"`
	Frameworks     []string          `json:"registered_frameworks"`
	ModelHashes    map[string]string `json:"known_model_hashes"`
	PromptHashes   map[string]string `json:"known_prompt_hashes"`
	Revoked        []string          `json:"revoked"`
	Suspended      []string          `json:"suspended"`
	SyncedAt       time.Time         `json:"replica_synced_at"`
	SeenNonces     []string          `json:"seen_nonces"`
	Spent          []struct {
		Agent    string
		Minor    json.Number `json:"amount_minor"`
		Currency string
		At       time.Time
	} `json:"spent"`
	History map[string]struct {
		Fine       int `json:"ok"`
		Violations int
	} `json:"history"`
	MinTrust float64 `json:"min_trust_score"`
}

// verifier is one reading with what is known.
func (a *aip1Args) verifier(r aip1.Reading) (*aip1.Verifier, error) {
	v := &aip1.Verifier{Reading: r, RequireMandate: a.RequireMandate, Geo: a.Geo, Frameworks: a.Frameworks,
		ModelHashes: a.ModelHashes, PromptHashes: a.PromptHashes, SyncedAt: a.SyncedAt, MinTrust: a.MinTrust}
	key, err := hex.DecodeString(a.Key)
	issuer, err2 := hex.DecodeString(a.IssuerKey)
	v.Key, v.IssuerKey = ed25519.PublicKey(key), ed25519.PublicKey(issuer)
	var err3 error
	if a.HMACKey != nil {
		v.HMACKey, err3 = hex.DecodeString(*a.HMACKey)
	}
	v.Seen = func(nonce string) bool { return slices.Contains(a.SeenNonces, nonce) }
	v.Standing = func(id string) aip1.Standing {
		switch {
		case slices.Contains(a.Suspended, id):
			return aip1.Suspended
		case slices.Contains(a.Revoked, id):
			return aip1.Revoked
		}
		return aip1.Good
	}
	v.Spent = func(agent, currency string, since time.Time) *big.Int {
		sum := new(big.Int)
		for _, s := range a.Spent {
			// The SDK's ledger keeps no amount that is not positive.
			if n, ok := new(big.Int).SetString(s.Minor.String(), 10); ok && n.Sign() > 0 && s.Agent == agent &&
				strings.EqualFold(s.Currency, currency) && s.At.After(since) {
				sum.Add(sum, n)
			}
		}
		return sum
	}
	v.History = func(agent string) (int, int) { return a.History[agent].Fine, a.History[agent].Violations }
	return v, errors.Join(err, err2, err3)
}

// aip1Reader reads envelopes, each with the mandate beside it.
func aip1Reader() reader {
	return func(q *request, _ bool) (answer, bool) {
		var a answer
		var line struct {
			Mandate string `json:"mandate"`
		}
		var args aip1Args
		if err := errors.Join(json.Unmarshal(q.Line, &line), json.Unmarshal(q.Args, &args)); err != nil {
			a.Strict = fmt.Sprintf("undetermined args: %v", err)
			a.Compat = a.Strict
			return a, true
		}
		a.Strict = aip1Verdict(&args, aip1.Strict, q.Text, line.Mandate)
		a.Compat = aip1Verdict(&args, aip1.Compatible, q.Text, line.Mandate)
		if e, err := aip1.ParseEnvelopeUnverified(q.Text, aip1.Compatible); err == nil {
			a.Canonical = string(e.Canonical())
		}
		return a, true
	}
}

func aip1Verdict(args *aip1Args, r aip1.Reading, text, mandate string) string {
	v, err := args.verifier(r)
	if err == nil {
		_, err = v.Verify(text, mandate, args.Now)
	}
	var refused *aip1.Error
	switch {
	case err == nil:
		return "accept"
	case !errors.As(err, &refused):
		return fmt.Sprintf("undetermined args: %v", err)
	}
	return "refuse " + refused.String()
}
