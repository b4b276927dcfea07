package build

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// listsSeen are decisions on lists of which the verifier has seen other editions. before
// is a decision of earlier on one.
func (st *stage) listsSeen(before func(doc string) edit) {
	const revoked, rolledBack = "status.revoked", "status.rolled_back"
	edition := func(from, until time.Time, set ...int) string {
		return list(issuer, plainList(listURL, "revocation", set...).with("validFrom", from.Format(time.RFC3339)).
			with("validUntil", until.Format(time.RFC3339)), func(so *credential.SignOptions) { so.Created = from })
	}
	was := func(name string, v any) edit { return func(s *scene) { s.before[len(s.before)-1].(object)[name] = v } }
	week := now.Add(7 * 24 * time.Hour)
	older, newer, justNow := now.Add(-2*time.Hour), now.Add(-time.Hour), now.Add(-30*time.Second)

	// A revocation is for good.
	const other = "another entry was revoked, and is not any longer"
	st.ok("P-32", other, before(edition(older, week, 8)), listed(listURL, edition(newer, week)))
	st.no("P-32", "a revocation that was seen, and is not there any longer", other, revoked,
		before(edition(older, week, 7)), was("verdict", "deny"), listed(listURL, edition(newer, week)))
	st.no("P-32", "a revocation that was seen on a list that cannot be found any longer", other, revoked,
		before(edition(older, week, 7)), was("verdict", "deny"), listed(listURL, nil))
	pauses := func(from time.Time, set ...int) string {
		return list(issuer, plainList(pauseURL, "suspension", set...).with("validFrom", from.Format(time.RFC3339)),
			func(so *credential.SignOptions) { so.Created = from })
	}
	st.ok("P-32", "a suspension that was seen, and is not there any longer", before(edition(older, week)),
		was("verdict", "deny"), was("lists", object{listURL: edition(older, week), pauseURL: pauses(older, 7)}),
		listed(pauseURL, pauses(newer)))

	// An older edition: the newest serves while it is fresh, and signed with a key of today.
	serves := "the newest edition is fresh for a second more"
	st.ok("P-32", serves, before(edition(newer, now.Add(time.Second))), listed(listURL, edition(older, week)))
	st.no("P-32", "the newest edition has ended", serves, rolledBack, before(edition(newer, now)),
		was("now", justNow.Format(time.RFC3339)), st.early(justNow), listed(listURL, edition(older, week)))
	st.no("P-32", "the newest edition is too old", serves, rolledBack, before(edition(newer, week)),
		configured("statusAge", 3599), was("now", justNow.Format(time.RFC3339)), st.early(justNow),
		listed(listURL, list(issuer, plainList(listURL, "revocation").with("validFrom",
			older.Format(time.RFC3339)), func(so *credential.SignOptions) { so.Created = older })))
	st.keysOfLists(older, newer, week)
}

// early shows what comes before at an earlier instant, made then.
func (st *stage) early(then time.Time) edit {
	return func(s *scene) {
		m := s.before[len(s.before)-1].(object)
		from := then.Format(time.RFC3339)
		m["presentation"] = present(agent, intent("before", idOf(st.root), set("issuedAt", from),
			set("expiresAt", plusMinute(from))), []string{st.root}, func(so *credential.SignOptions) {
			so.Challenge, so.Created = "the challenge before", then
		})
		lists := m["lists"].(object)
		lists[pauseURL] = list(issuer, plainList(pauseURL, "suspension").with("validFrom", from),
			func(so *credential.SignOptions) { so.Created = then })
	}
}

// keysOfLists are the lists of an issuer that has two keys, one of which it takes back.
func (st *stage) keysOfLists(older, newer, week time.Time) {
	const org = "did:web:issuer.example"
	signer := func(name string, k *did.KeyPair) did.Signer {
		return MustValue(did.NewSigner(MustValue(did.ParseURL(org+"#"+name)), k.PrivateKey()))
	}
	first, spare := signer("1", issuer), signer("2", third)
	keys := map[did.Signer]*did.KeyPair{first: issuer, spare: third}
	document := func(signers ...did.Signer) string {
		var list []any
		for _, s := range signers {
			list = append(list, o("id", s.KeyID().String(), "type", "Multikey", "controller", org, "publicKeyMultibase",
				keys[s].PublicKey().Multikey()))
		}
		return o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", org, "assertionMethod", list).text()
	}
	edition := func(by did.Signer, from time.Time) string {
		return list(by, plainList(listURL, "revocation").with("issuer", org).with("validFrom",
			from.Format(time.RFC3339)).with("validUntil", week.Format(time.RFC3339)),
			func(so *credential.SignOptions) { so.Created = from })
	}
	p := sign(first, plain("org", set("issuer", org)))
	pauses := list(first, plainList(pauseURL, "suspension").with("issuer", org))
	seen := func(today ...did.Signer) edit {
		return func(s *scene) {
			s.before = []any{object{
				"presentation": present(agent, intent("before", idOf(p)), []string{p},
					func(so *credential.SignOptions) { so.Challenge = "the challenge before" }),
				"request": s.request, "documents": object{org: document(first, spare)},
				"lists": object{listURL: edition(spare, newer), pauseURL: pauses},
			}}
			s.presentation = st.show(&p)
			s.config = s.config.with("anchors", []any{o("issuer", org)})
			s.lists = object{listURL: edition(first, older), pauseURL: pauses}
			s.documents = object{org: document(today...)}
		}
	}
	const good = "the newest edition is signed with a key that is still listed"
	st.ok("P-32", good, seen(first, spare))
	st.no("P-32", "the newest edition is signed with a key that was taken back", good, "status.rolled_back",
		seen(first))
}
