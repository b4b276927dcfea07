package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// A4: the table covers every code, and every foreign name, both ways.
func TestA4CodeTable(t *testing.T) {
	seen := map[verify.Code]bool{}
	aip, oap, grantex, w3c := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, info := range verify.Codes() {
		require.False(t, seen[info.Code], info.Code)
		seen[info.Code] = true
		require.NotEmpty(t, info.Meaning, info.Code)
		require.Contains(t, []int{400, 401, 403, 409, 413, 429, 500, 503}, info.HTTP, info.Code)
		require.Equal(t, info.Undetermined, info.HTTP == 503, info.Code)
		require.Equal(t, 2, len(strings.Split(string(info.Code), ".")), info.Code)
		for into, names := range map[*map[string]bool][]string{&aip: info.AIP1, &oap: info.OAP, &grantex: info.Grantex, &w3c: info.W3C} {
			for _, n := range names {
				(*into)[n] = true
			}
		}
		require.ErrorIs(t, error(info.Code), info.Code)
	}
	require.Len(t, seen, 76)
	wantAIP := []string{"E100", "E101", "E102", "E103", "E104", "E105", "E200", "E201", "E202", "E203", "E204", "E300", "E301", "E302", "E303",
		"E400", "E401", "E402", "E403", "E404", "E405", "E406", "E407", "E408", "E500", "E501", "E502"}
	require.ElementsMatch(t, wantAIP, keys(aip))
	for _, n := range []string{"passport_not_found", "invalid_context", "context_too_large", "passport_version_mismatch", "passport_invalid", "passport.expired",
		"passport.revoked", "passport_suspended", "unknown_capability", "action_forbidden", "limit_exceeded", "currency_unsupported", "category_blocked",
		"merchant_forbidden", "region_blocked", "assurance_insufficient", "approval_required", "idempotency_conflict", "rate_limit_exceeded", "evaluator_error", "api_error", "context_too_nested"} {
		require.Contains(t, oap, n)
	}
	for _, n := range []string{"MISSING_PASSPORT", "MALFORMED_CREDENTIAL", "UNTRUSTED_ISSUER", "PASSPORT_EXPIRED", "PASSPORT_NOT_YET_VALID", "INVALID_SIGNATURE",
		"CREDENTIAL_MISMATCH", "PASSPORT_REVOKED", "REVOCATION_CHECK_FAILED", "AMOUNT_EXCEEDED", "CATEGORY_MISMATCH"} {
		require.Contains(t, grantex, n)
	}
	for _, n := range []string{"PARSING_ERROR", "MALFORMED_VALUE_ERROR", "DATA_LOSS_DETECTION_ERROR", "PROOF_VERIFICATION_ERROR", "PROOF_TRANSFORMATION_ERROR",
		"INVALID_DOMAIN_ERROR", "INVALID_CHALLENGE_ERROR", "STATUS_RETRIEVAL_ERROR", "STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR", "RANGE_ERROR"} {
		require.Contains(t, w3c, n)
	}
	for code := range seen {
		info, ok := verify.Lookup(code)
		require.True(t, ok)
		require.Equal(t, code, info.Code)
	}
	_, ok := verify.Lookup("no.such")
	require.False(t, ok)
}

func keys(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestVerdictText(t *testing.T) {
	var zero verify.Verdict
	require.Equal(t, verify.Deny, zero)
	for _, v := range []verify.Verdict{verify.Deny, verify.Undetermined, verify.Allow} {
		text, err := v.MarshalText()
		require.NoError(t, err)
		var back verify.Verdict
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
	}
	bad := verify.Allow
	require.Error(t, bad.UnmarshalText([]byte("Allow")))
	require.Equal(t, verify.Deny, bad)
	require.Equal(t, "deny", verify.Verdict(9).String())
}

func TestRefusalIsTyped(t *testing.T) {
	_, err := fault{bytes: replace(`"50.00"`, `"90.00"`)}.decide(t)
	var r *verify.Refusal
	require.ErrorAs(t, err, &r)
	var v *verify.Violation
	require.ErrorAs(t, err, &v)
	require.Equal(t, verify.ProofInvalid, v.Code)
	require.False(t, errors.Is(err, verify.ProofMissing))
	require.Contains(t, err.Error(), "deny: proof.invalid at /verifiableCredential/0/proof")
}
