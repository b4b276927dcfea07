// Package policy has ready-made rules for package verify, and shows what a rule
// of your own looks like.
//
// A rule is a [verify.Rule]: a name and a function that gets what was proven
// and what is asked, and returns nil or says why not. Rules are in
// verify.Config.Policy and are all judged, in that order, after the passports
// themselves. A rule can only refuse: nothing here makes an act possible that
// the passport does not allow.
//
//	v, err := verify.New(verify.Config{
//		…
//		Policy: []verify.Rule{
//			policy.Providers{"did:web:kyc.example": passport.L3}.Rule(),
//			policy.Trust{Source: records, Least: 500}.Rule(),
//			{ID: "office hours", Check: officeHours}, // one of your own
//		},
//	})
//
// # The ready-made rules
//
//   - [Providers]: up to which level the word of an identity provider counts.
//   - [Attestations]: which models, tools and prompts agents may run.
//   - [Drift]: acts that do not fit what the agent is for.
//   - [Trust]: the agent's record must be good enough.
//   - [Counts]: what a service measures must be in the request, wherever a
//     passport limits it.
//   - Package verify/policy/packs: policy packs as data, APort's or the host's own.
//   - [Scopes]: what the operations of a service need. It is not in
//     Config.Policy but is Config.Operations, because the status step must know
//     which operations need a person's signed consent, before any rule runs.
//     Package policy/eprospera has such a registry as data.
//
// # A rule of your own
//
// Any error refuses with policy.denied. An error with a code of the groups
// authority, attestation, trust or policy keeps it, and a rule may coin a word
// in the group policy:
//
//	func officeHours(f verify.Facts) error {
//		if h := f.At.In(office).Hour(); h >= 8 && h < 18 {
//			return nil
//		}
//		return &verify.Violation{Code: "policy.closed", Detail: "the office is closed", Hint: "ask from 8 to 18 h"}
//	}
//
// A rule that wants something to be done first, such as a person's approval,
// returns a [*verify.Obligation]. A rule must be pure: it may read its own
// configuration and the [verify.Facts], and nothing that changes while it runs;
// what must be counted is for the ledger.
package policy
