package build

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

func (st *stage) statuses() {
	const ok = "nothing is set"
	st.ok("P-27", ok)
	const revoked, suspended, stale, early, unavailable = "status.revoked", "status.suspended", "status.stale",
		"status.early", "status.unavailable"
	no := func(rule, title, code string, edits ...edit) { st.no(rule, title, ok, code, edits...) }
	lists := func(set ...int) string { return list(issuer, plainList(listURL, "revocation", set...)) }
	no("P-27", "revoked", revoked, listed(listURL, lists(7)))
	no("P-27", "suspended", suspended, listed(pauseURL, list(issuer, plainList(pauseURL, "suspension", 7))))
	no("P-3", "revoked and suspended", revoked, listed(listURL, lists(7)), listed(pauseURL, list(issuer,
		plainList(pauseURL, "suspension", 7))))
	st.ok("P-27", "another index is set", listed(listURL, lists(6, 8)))
	one := func(id, purpose string) edit {
		url := listURL
		if purpose == "suspension" {
			url = pauseURL
		}
		return func(s *scene) {
			st.passing(set("credentialStatus", entry(url, purpose, "7", "id",
				"urn:safeconduct:status:"+id+":"+ulid(id))))(s)
			s.lists = object{url: list(issuer, plainList(url, purpose, 7))}
		}
	}
	no("P-28", "the principal is revoked", "status.principal_revoked", one("principal", "revocation"))
	no("P-28", "the principal is suspended", "status.principal_revoked", one("principal", "suspension"))
	no("P-28", "the organisation is revoked", "status.principal_revoked", one("organization", "revocation"))
	no("P-28", "the issuer is paused", "status.issuer_paused", one("issuer", "suspension"))
	no("P-28", "an entry of the passport by name", revoked, one("passport", "revocation"))
	root := pass("root", subject("maxDelegationDepth", 1))
	const linkURL = "https://agent.example/status"
	linked := func(id string, set ...int) edit {
		return func(s *scene) {
			e := entry(linkURL, "revocation", "7")
			if id != "" {
				e = e.with("id", "urn:safeconduct:status:"+id+":"+ulid(id))
			}
			l := sign(agent, delegated("link", root, 1, agent, second,
				func(p members) members { return p.with("credentialStatus", e) }))
			s.presentation = present(second, intent("present", idOf(l)), []string{root, l})
			s.lists[linkURL] = list(agent, plainList(linkURL, "revocation", set...).with("issuer",
				agent.DID().String()))
		}
	}
	st.ok("P-27", "a link with a status", linked(""))
	st.no("P-27", "a link that is revoked", "a link with a status", revoked, linked("", 7))
	st.no("P-28", "a link with the scope of a principal", "a link with a status", revoked, linked("principal", 7))
	st.no("P-28", "a link with that scope by an anchor of other chains", "a link with a status", revoked,
		linked("principal", 7), trustsToo(agent.DID().String()))
	st.no("P-27", "an ancestor that is revoked", "a link with a status", revoked, linked(""), listed(listURL,
		lists(7)))
	st.no("P-29", "a list of a link by the issuer of the root", "a link with a status", status, linked(""),
		listed(linkURL, list(issuer, plainList(linkURL, "revocation"))))
	for _, p := range []string{"message", "refresh"} {
		st.ok("P-27", "a "+p+" stops nobody", func(s *scene) {
			st.passing(set("credentialStatus", []any{entry(listURL, "revocation", "7"), entry(pauseURL, p, "7")}))(s)
			s.lists = object{listURL: ref("list"), pauseURL: list(issuer, plainList(pauseURL, p, 7))}
		})
	}
	l := plainList(listURL, "revocation")
	no("P-29", "a list that is not signed", status, listed(listURL, withoutProof(lists())))
	no("P-29", "a list that was changed", status, listed(listURL, replace(lists(), `"validUntil":"2026`,
		`"validUntil":"2027`)))
	no("P-29", "a list by somebody else", status, listed(listURL, list(mallory, l.with("issuer",
		mallory.DID().String()))))
	no("P-29", "a list signed by somebody else", status, listed(listURL, list(mallory, l)))
	no("P-29", "a list signed for authentication", status, listed(listURL, list(issuer, l,
		func(so *credential.SignOptions) { so.Purpose = "authentication" })))
	no("P-29", "a list of another purpose", status, listed(listURL, list(issuer, plainList(listURL, "suspension"))))
	no("P-29", "a list of another URL", status, listed(listURL, list(issuer, plainList(pauseURL, "revocation"))))
	no("P-29", "a passport for a list", status, listed(listURL, pass("present")))
	no("P-29", "no document for a list", status, listed(listURL, "404"))
	no("P-29", "a list that is too short", status, listed(listURL, list(issuer, l.at("credentialSubject/encodedList",
		enc(make([]byte, 1000))))))
	no("P-29", "an index behind the list", status, st.passing(set("credentialStatus", entry(listURL, "revocation",
		"131072"))))
	no("P-29", "an entry of the other kind", status, st.passing(set("@context", append(append([]string{},
		contexts2...), "https://w3id.org/vc/status-list/2021/v1")),
		set("credentialStatus", entry(listURL, "revocation", "7").with("type", "StatusList2021Entry"))))
	twentyOne := st.passing(set("@context", append(append([]string{}, contexts2...),
		"https://w3id.org/vc/status-list/2021/v1")),
		set("credentialStatus", entry(listURL, "revocation", "7").with("type", "StatusList2021Entry")))
	st.ok("F-95", "a StatusList2021", twentyOne, listed(listURL, list(issuer, list2021(listURL, "revocation"))))
	st.no("F-95", "a StatusList2021 that is set", "a StatusList2021", revoked, twentyOne, listed(listURL, list(issuer,
		list2021(listURL, "revocation", 7))))
	st.no("F-95", "a StatusList2021 with one context more", "a StatusList2021", status, twentyOne, listed(listURL,
		list(issuer, list2021(listURL, "revocation").with("@context", append(list2021(listURL,
			"revocation").get("@context").([]string), "https://w3id.org/safeconduct/v1")))))
	no("P-30", "a list that cannot be found", unavailable, listed(listURL, nil))
	no("P-2", "revoked weighs more than a list that cannot be found", suspended, listed(listURL, nil),
		listed(pauseURL, list(issuer, plainList(pauseURL, "suspension", 7))))
	asOf := func(from, until string, created time.Time) edit {
		doc := l.with("validFrom", from).with("validUntil", until)
		return listed(listURL, list(issuer, doc, func(so *credential.SignOptions) { so.Created = created }))
	}
	st.ok("P-31", "a list of 24 hours ago", asOf("2026-11-20T09:00:00Z", "2026-11-28T09:00:00Z", time.Time{}))
	st.no("P-31", "a list of more than 24 hours ago", "a list of 24 hours ago", stale, asOf("2026-11-20T08:59:59Z",
		"2026-11-28T09:00:00Z", time.Time{}))
	st.ok("P-31", "an old list that was signed now", asOf("2026-11-01T09:00:00Z", "2026-11-28T09:00:00Z", now))
	st.ok("P-31", "an old list, where that is accepted", asOf("2026-11-15T09:00:00Z", "2026-11-28T09:00:00Z",
		time.Time{}), configured("statusAge", 6*24*3600))
	st.ok("P-31", "a list that ends in a second", asOf("2026-11-21T08:00:00Z", "2026-11-21T09:00:01Z", now))
	st.no("P-31", "a list that ends now", "a list that ends in a second", stale, asOf("2026-11-21T08:00:00Z", nowText,
		now))
	st.ok("P-31", "a list of now", asOf(nowText, "2026-11-28T09:00:00Z", now))
	st.no("P-31", "a list of the future", "a list of now", early, asOf("2026-11-21T09:00:01Z", "2026-11-28T09:00:00Z",
		now))
	st.no("P-31", "a list signed in the future", "a list of now", early, asOf(nowText, "2026-11-28T09:00:00Z",
		now.Add(time.Second)))
	st.ok("P-31", "a list of the future, within the skew", asOf("2026-11-21T09:00:01Z", "2026-11-28T09:00:00Z", now),
		configured("skew", 1))
	st.no("P-31", "a list of now with another proof of the future", "a list of now", early, func(s *scene) {
		s.lists[listURL] = signAgain(list(issuer, l),
			func(so *credential.SignOptions) { so.Created = now.Add(time.Second) })
	})
	st.no("F-96", "a list that says no instant", "a list of now", status, listed(listURL, list(issuer,
		l.with("validFrom", nil), noCreated)))
	st.ok("P-31", "a ttl ends nothing", listed(listURL, list(issuer, l.at("credentialSubject/ttl", 1000))))
	// What was seen before.
	before := func(doc string) edit {
		return func(s *scene) {
			q := s.request
			p := st.root
			s.before = append(s.before, object{"presentation": present(agent, intent("before", idOf(p)), []string{p},
				func(so *credential.SignOptions) { so.Challenge = "the challenge before" }),
				"request": q, "lists": object{listURL: doc, pauseURL: ref("pauses")}})
		}
	}
	old := func(set ...int) string {
		return list(issuer, plainList(listURL, "revocation", set...).with("validFrom", "2026-11-21T07:00:00Z"),
			func(so *credential.SignOptions) { so.Created = now.Add(-2 * time.Hour) })
	}
	st.ok("P-32", "a newer list", before(old()))
	st.ok("P-32", "an older list: the newer one goes on", before(lists()), listed(listURL, old()))
	st.ok("P-32", "an older list with another bit: the newer one goes on", before(lists()), listed(listURL, old(7)))
	st.no("P-32", "a newer list that revokes", "a newer list", revoked, before(old()), listed(listURL, lists(7)))
	st.no("P-32", "two lists of one instant", "a newer list", revoked, before(lists()), listed(listURL, list(issuer,
		plainList(listURL, "revocation", 7))))
	st.listsSeen(before)

	// Consents.
	lc := func(set ...int) string {
		return list(ada, plainList(adaURL, "revocation", set...).with("issuer", ada.DID().String()))
	}
	consented := func(w members, by did.Signer, edits ...func(members) members) edit {
		return func(s *scene) {
			doc := sign(by, w)
			c := o("id", w.get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(doc))
			all := append([]func(members) members{subject("humanPrincipal", ada.DID().String()), subject("consent",
				c)}, edits...)
			p := pass("consented", all...)
			s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
			s.lists[adaURL] = ref("list of ada")
		}
	}
	st.ok("P-33", "a consent", consented(will("1"), ada))
	const c = "a consent"
	st.no("P-33", "a consent that is not there", c, "consent.missing", consented(will("1"), ada), func(s *scene) {
		p := pass("consented", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
			will("1").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(sign(ada,
				will("1"))))))
		s.presentation = st.show(&p)
	})
	st.ok("P-33", "a consent at hand", consented(will("1"), ada), func(s *scene) {
		doc := sign(ada, will("1"))
		p := pass("consented", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
			will("1").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(doc))))
		s.presentation, s.siblings = st.show(&p), object{will("1").get("id").(string): doc}
	})
	st.no("F-16", "a consent of another edition", c, "consent.invalid", func(s *scene) {
		consented(will("1"), ada)(s)
		doc, other := sign(ada, will("1")), sign(ada, will("1").at("credentialSubject/statementDigest",
			sha("another statement")))
		p := pass("consented", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
			will("1").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(doc))))
		s.presentation = present(agent, intent("present", idOf(p)), []string{p, other})
	})
	st.no("P-33", "a consent that was changed", c, "consent.invalid", func(s *scene) {
		consented(will("1"), ada)(s)
		doc := replace(sign(ada, will("1")), sha("my agents may act for me"), sha("my agents may do anything"))
		p := pass("consented", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
			will("1").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase", digest(doc))))
		s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
	})
	st.no("P-33", "a consent signed by somebody else", c, "consent.invalid", consented(will("1"), mallory))
	st.no("P-33", "a consent of another person", c, "consent.subject_mismatch", consented(will("1").with("issuer",
		mallory.DID().String()).at("credentialSubject/id", mallory.DID().String()), mallory))
	st.no("P-33", "a consent about another person", c, "consent.subject_mismatch",
		consented(will("1").at("credentialSubject/id", mallory.DID().String()), ada))
	st.no("P-33", "a consent by another person, about the principal", c, "consent.subject_mismatch", consented(
		will("1").with("issuer", mallory.DID().String()), mallory))
	st.no("P-33", "a consent and no principal", c, "consent.subject_mismatch", consented(will("1"), ada,
		subject("humanPrincipal", nil)))
	st.no("P-33", "a consent that has ended", c, "consent.expired", consented(will("1").with("validUntil", nowText),
		ada))
	st.no("P-33", "a consent that has not begun", c, "consent.invalid", consented(will("1").with("validFrom",
		"2026-11-21T09:00:01Z"), ada))
	st.no("P-33", "a consent that was withdrawn", c, "consent.revoked", consented(will("1"), ada), listed(adaURL,
		lc(7)))
	st.no("P-33", "a list of the consent that cannot be found", c, unavailable, consented(will("1"), ada),
		listed(adaURL, nil))
	st.no("P-33", "a consent of another type", c, "consent.invalid", func(s *scene) {
		consented(will("1"), ada)(s)
		doc := sign(ada, acceptance("1", "Resident"))
		p := pass("consented", subject("humanPrincipal", ada.DID().String()), subject("consent", o("id",
			acceptance("1", "Resident").get("id"), "type", "ManifestationOfWillCredential", "digestMultibase",
			digest(doc))))
		s.presentation = present(agent, intent("present", idOf(p)), []string{p, doc})
	})
	st.siblingProofs()
}

func enc(bits []byte) string { return "u" + base64url(gz(bits)) }
