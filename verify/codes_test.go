package verify_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// The vocabularies of other systems, as far as they speak of verification.
var vocabularies = struct{ aip1, oap, grantex, w3c []string }{
	aip1: strings.Fields(`E100 E101 E102 E103 E104 E105 E200 E201 E202 E203 E204 E300 E301 E302 E303
		E400 E401 E402 E403 E404 E405 E406 E407 E408 E500 E501 E502`),
	// The 16 denials that OAP requires; words of its packs and of its API.
	oap: strings.Fields(`invalid_context unknown_capability limit_exceeded currency_unsupported region_blocked
		assurance_insufficient passport_suspended idempotency_conflict policy_error criteria_not_met evidence_missing
		criteria_incomplete summary_insufficient tests_not_passing self_review_not_allowed blocked_pattern_detected

		action_forbidden category_blocked merchant_forbidden rate_limit_exceeded daily_limit_exceeded
		passport_not_found passport_invalid passport_version_mismatch passport.expired passport.revoked
		context_too_large context_too_nested api_error evaluator_error denied approval_required`),
	// The 11 of its verifier, and what issuing and verifying share.
	grantex: strings.Fields(`PASSPORT_EXPIRED PASSPORT_REVOKED INVALID_SIGNATURE UNTRUSTED_ISSUER CATEGORY_MISMATCH
		AMOUNT_EXCEEDED MISSING_PASSPORT MALFORMED_CREDENTIAL CREDENTIAL_MISMATCH PASSPORT_NOT_YET_VALID
		REVOCATION_CHECK_FAILED

		SCOPE_INSUFFICIENT AMOUNT_EXCEEDS_BUDGET INVALID_EXPIRY`),
	w3c: strings.Fields(`PARSING_ERROR MALFORMED_VALUE_ERROR RANGE_ERROR DATA_LOSS_DETECTION_ERROR
		PROOF_VERIFICATION_ERROR PROOF_TRANSFORMATION_ERROR INVALID_DOMAIN_ERROR INVALID_CHALLENGE_ERROR
		INVALID_VERIFICATION_METHOD INVALID_VERIFICATION_METHOD_URL INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID
		INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD INVALID_PROOF_PURPOSE_FOR_VERIFICATION_METHOD
		STATUS_RETRIEVAL_ERROR STATUS_VERIFICATION_ERROR STATUS_LIST_LENGTH_ERROR`),
}

// A4: the table says what the specification says, line by line, both ways.
func TestA4CodeTable(t *testing.T) {
	raw, err := os.ReadFile("testdata/codes.txt")
	require.NoError(t, err)
	specified := map[verify.Code][]string{}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 7 && f[0] != "#" {
			require.NotContains(t, specified, verify.Code(f[0]))
			specified[verify.Code(f[0])] = f[1:]
		}
	}
	words := func(list []string) string {
		if len(list) == 0 {
			return "-"
		}
		return strings.Join(list, ",")
	}
	seen := map[verify.Code]bool{}
	for _, info := range verify.Codes() {
		require.False(t, seen[info.Code], info.Code)
		seen[info.Code] = true
		require.NotEmpty(t, info.Meaning, info.Code)
		require.NotEmpty(t, info.Remedy, info.Code)
		class := "deny"
		if info.Undetermined {
			class = "undetermined"
		}
		require.Equal(t, info.Undetermined, info.HTTP == 503, info.Code)
		require.False(t, info.Undetermined && info.Passing, info.Code)
		want := specified[info.Code]
		require.NotNil(t, want, "%s is not specified", info.Code)
		number := info.AIP1
		if want[2] == "-" {
			require.True(t, info.AIP1Near, "%s: AIP-1 has no such thing", info.Code)
			number = "-"
		}
		got := []string{class, strconv.Itoa(info.HTTP), number, words(info.OAP), words(info.Grantex), words(info.W3C)}
		require.Equal(t, want, got, info.Code)
		require.ErrorIs(t, error(info.Code), info.Code)

		again, ok := verify.Lookup(info.Code)
		require.True(t, ok)
		require.Equal(t, info, again)
	}
	for code := range specified {
		require.True(t, seen[code], "%s is not in the table", code)
	}
}

// A4: every word of the other systems is in the table, and no other.
func TestA4ForeignNames(t *testing.T) {
	var aip1, oap, grantex, w3c []string
	for _, info := range verify.Codes() {
		aip1 = append(aip1, info.AIP1)
		oap = append(oap, info.OAP...)
		grantex = append(grantex, info.Grantex...)
		w3c = append(w3c, info.W3C...)
	}
	set := func(list []string) []string {
		slices.Sort(list)
		return slices.Compact(list)
	}
	require.Len(t, vocabularies.aip1, 27)
	require.ElementsMatch(t, vocabularies.aip1, set(aip1))
	require.ElementsMatch(t, vocabularies.oap, set(oap))
	require.ElementsMatch(t, vocabularies.grantex, set(grantex))
	require.ElementsMatch(t, vocabularies.w3c, set(w3c))
}

// A4: an AIP-1 error is never empty, has its name, and says nothing untrue:
// where AIP-1 has no word, our own stands beside the group.
func TestA4TruthfulErrors(t *testing.T) {
	names := map[string]string{}
	for _, info := range verify.Codes() {
		code, name := info.AIP1Error()
		require.NotEmpty(t, name, info.Code)
		if info.AIP1Near {
			require.Regexp(t, `^AIP-E[1-5]$`, code, info.Code)
			require.Equal(t, string(info.Code), name)
			continue
		}
		require.Regexp(t, `^AIP-E[1-5]0[0-8]$`, code, info.Code)
		require.Regexp(t, `^[A-Z_]+$`, name, info.Code)
		names[code] = name
	}
	for code, want := range map[verify.Code][2]string{
		verify.ProofInvalid:                   {"AIP-E100", "INVALID_SIGNATURE"},
		verify.LedgerReplay:                   {"AIP-E102", "REPLAY_DETECTED"},
		verify.AuthorityActionNotAllowed:      {"AIP-E200", "ACTION_NOT_ALLOWED"},
		verify.AuthorityAmountExceeded:        {"AIP-E202", "MONETARY_LIMIT"},
		verify.LedgerBudgetExceeded:           {"AIP-E202", "MONETARY_LIMIT"},
		verify.AuthorityIntentDrift:           {"AIP-E303", "INTENT_DRIFT"},
		verify.StatusPrincipalRevoked:         {"AIP-E402", "PRINCIPAL_REVOKED"},
		verify.TrustTooLow:                    {"AIP-E404", "TRUST_SCORE_LOW"},
		verify.StatusStale:                    {"AIP-E501", "REVOCATION_STALE"},
		verify.ProofTimeout:                   {"AIP-E502", "HANDSHAKE_TIMEOUT"},
		verify.AuthorityAssuranceInsufficient: {"AIP-E4", "authority.assurance_insufficient"},
		verify.AuthorityLimitExceeded:         {"AIP-E2", "authority.limit_exceeded"},
		verify.LedgerRateExceeded:             {"AIP-E2", "ledger.rate_exceeded"},
		verify.StatusInvalid:                  {"AIP-E5", "status.invalid"},
		verify.AnchorUntrustedIssuer:          {"AIP-E1", "anchor.untrusted_issuer"},
		verify.StatusIssuerPaused:             {"AIP-E4", "status.issuer_paused"},
		verify.RequestInvalid:                 {"AIP-E5", "request.invalid"},
		verify.PolicyObligationUnmet:          {"AIP-E2", "policy.obligation_unmet"},
		"policy.cooling_off":                  {"AIP-E2", "policy.cooling_off"},
	} {
		info, ok := verify.Lookup(code)
		require.True(t, ok, code)
		number, name := info.AIP1Error()
		require.Equal(t, want, [2]string{number, name}, code)
	}
	require.GreaterOrEqual(t, len(names), 24, "most have a word of their own")
}

// A word that a rule has coined reads as policy.denied; nothing else is known
// that is not in the table.
func TestCoinedCodes(t *testing.T) {
	denied, _ := verify.Lookup(verify.PolicyDenied)
	for _, c := range []verify.Code{"policy.a", "policy.cooling_off", verify.Code("policy." + strings.Repeat("a", 57))} {
		info, ok := verify.Lookup(c)
		require.True(t, ok, c)
		want := denied
		want.Code = c
		require.Equal(t, want, info)
	}
	for _, c := range []verify.Code{
		"", "policy", "policy.", "policy._a", "policy.a_", "policy.a__b", "policy.A", "policy.a1", "policy.a-b", "policy.a.b",
		"policy.é", "no.such", "authority.mine", "Policy.a", verify.Code("policy." + strings.Repeat("a", 58)),
	} {
		_, ok := verify.Lookup(c)
		require.False(t, ok, c)
	}
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
