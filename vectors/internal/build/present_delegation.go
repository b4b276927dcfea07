package build

import (
	"fmt"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

func (st *stage) delegations() {
	const ok, two = "a chain of two", "a chain of three"
	root := pass("root", subject("maxDelegationDepth", 2), subject("organizationDID", "did:web:org.example"),
		subject("grantId", "grant-1"))
	link := func(edits ...func(members) members) string {
		return sign(agent, delegated("link", root, 1, agent, second, edits...))
	}
	deep := func(edits ...func(members) members) func(members) members {
		return func(p members) members {
			for _, e := range append([]func(members) members{subject("maxDelegationDepth", 2)}, edits...) {
				p = e(p)
			}
			return p
		}
	}
	chain := func(by *did.KeyPair, docs ...string) edit {
		return shown(present(by, intent("present", idOf(docs[len(docs)-1])), docs))
	}
	st.ok("P-26", ok, chain(second, root, link()))
	no := func(rule, title, code string, edits ...func(members) members) {
		st.no(rule, title, ok, code, chain(second, root, link(edits...)))
	}
	one := link(deep())
	leaf := func(edits ...func(members) members) string {
		return sign(second, delegated("leaf", one, 2, second, third, edits...))
	}
	st.ok("P-26", two, chain(third, root, one, leaf()))
	const widened, bad, parent = "delegation.widened", "delegation.invalid", "delegation.parent_mismatch"
	caps := func(list ...any) func(members) members { return subject("capabilities", list) }
	no("P-26", "a cent more", widened, subject("maxTransactionAmount", money("50.01", "USD")))
	no("P-26", "an action more", widened, caps(o("action", "payments.charge"), o("action", "files.delete")))
	no("P-26", "a category more", widened, subject("allowedMPPCategories", []string{"compute", "storage"}))
	no("P-26", "a rail more", widened, subject("paymentRails", []string{"tempo", "card"}))
	no("P-26", "another currency", widened, subject("maxTransactionAmount", money("1", "EUR")))
	no("P-26", "a permission", widened, subject("limits", o("allow_pii", true)))
	no("P-26", "a level of assurance", widened, subject("assurance", o("level", "L1")))
	no("P-26", "a deeper deepest link", widened, subject("maxDelegationDepth", 3))
	no("P-26", "an end a second later", widened, set("validUntil", "2026-11-22T08:00:01Z"))
	no("P-26", "a beginning a second earlier", widened, set("validFrom", "2026-11-21T07:59:59Z"))
	st.ok("P-26", "narrower", func(s *scene) {
		p := link(subject("maxTransactionAmount", money("20.00", "USD")), caps(o("action", "payments.charge")),
			subject("regions", []string{"DE"}))
		s.presentation = present(second, intent("present", idOf(p), set("region", "DE")), []string{root, p})
		s.request = s.request.with("region", "DE")
	})
	st.no("P-26", "beyond a middle link", two, widened, func(s *scene) {
		mid := link(deep(subject("maxTransactionAmount", money("20.00", "USD"))))
		l := sign(second, delegated("leaf", mid, 2, second, third, subject("maxTransactionAmount", money("20.01",
			"USD"))))
		chain(third, root, mid, l)(s)
	})
	no("P-23", "another parent", parent, subject("parentPassportId", passport.PassportURN+ulid("another")))
	no("P-23", "another edition of the parent", parent, subject("parentDigest", sha("another")))
	st.no("F-16", "a parent that was signed again", ok, parent, chain(second, signAgain(root, rdfc), link()))
	st.no("P-23", "a link that is left out", two, bad, chain(third, root, leaf()))
	no("P-24", "a depth of two", bad, subject("delegationDepth", 2))
	st.no("P-24", "a root that lets nobody delegate", ok, "delegation.too_deep", func(s *scene) {
		r := pass("shut")
		chain(second, r, sign(agent, delegated("link", r, 1, agent, second)))(s)
	})
	st.no("P-24", "a link that lets nobody delegate", two, "delegation.too_deep", func(s *scene) {
		mid := link()
		chain(third, root, mid, sign(second, delegated("leaf", mid, 2, second, third)))(s)
	})
	st.no("P-24", "one deeper than the root allows", two, "delegation.too_deep", func(s *scene) {
		l := leaf(subject("maxDelegationDepth", 2))
		fourth := key("fourth")
		chain(fourth, root, one, l, sign(third, delegated("deepest", l, 3, third, fourth)))(s)
	})
	st.ok("P-25", "no principal is stated", chain(second, root, link(subject("humanPrincipal", nil))))
	no("P-25", "another principal", bad, subject("humanPrincipal", "mailto:eve@example.org"))
	no("P-25", "another organisation", bad, subject("organizationDID", "did:web:evil.example"))
	no("P-25", "another grant", bad, subject("grantId", "grant-2"))
	st.ok("P-25", "the same grant and organisation", chain(second, root, link(subject("grantId", "grant-1"),
		subject("organizationDID", "did:web:org.example"))))
	st.no("P-25", "a principal where the root has none", ok, bad, func(s *scene) {
		r := pass("free", subject("maxDelegationDepth", 1), subject("humanPrincipal", nil))
		chain(second, r, sign(agent, delegated("link", r, 1, agent, second)))(s)
	})
	st.no("P-25", "an agent that delegates to itself", ok, bad, chain(agent, root, sign(agent, delegated("link", root,
		1, agent, agent))))
	st.no("P-25", "authority that goes back", two, bad, func(s *scene) {
		chain(agent, root, one, sign(second, delegated("leaf", one, 2, second, agent)))(s)
	})
	st.no("P-25", "authority that goes back to the issuer", ok, bad, chain(issuer, root, sign(agent, delegated("link",
		root, 1, agent, issuer))))
	// The same key under the name of did:jwk.
	jwk, err := did.NewJWKDID(agent.PublicKey())
	Must(err)
	other, err := did.NewSigner(MustValue(jwk.URL("0")), agent.PrivateKey())
	Must(err)
	st.no("P-22", "authority that goes back under another name", two, bad, func(s *scene) {
		l := sign(second, delegated("leaf", one, 2, second, agent,
			func(p members) members { return p.at("credentialSubject/id", jwk.String()) }))
		s.presentation = signVP(other, unsigned(jwk, intent("present", idOf(l)), root, one, l))
	})
	const web = "did:web:agent.example"
	st.no("P-22", "authority that goes back under a name that has the key listed", two, bad, func(s *scene) {
		l := sign(second, delegated("leaf", one, 2, second, agent,
			func(p members) members { return p.at("credentialSubject/id", web) }))
		by := MustValue(did.NewSigner(MustValue(did.ParseURL(web+"#1")), agent.PrivateKey()))
		s.presentation = signVP(by, unsigned(did.MustParse(web), intent("present", idOf(l)), root, one, l))
		s.documents = object{web: o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", web, "authentication",
			[]any{o("id", web+"#1", "type", "Multikey", "controller", web, "publicKeyMultibase",
				agent.PublicKey().Multikey())}).text()}
	})
	st.ok("P-22", "an issuer that is its own agent", func(s *scene) {
		p := sign(issuer, plain("present", as(issuer, issuer)))
		s.presentation = present(issuer, intent("present", idOf(p)), []string{p})
	})
	st.no("P-7", "six links", two, tooLarge, func(s *scene) {
		by := []*did.KeyPair{agent, second, third, key("fourth"), key("fifth"), key("sixth"), key("seventh")}
		docs := []string{pass("long", subject("maxDelegationDepth", 9))}
		for i := range 6 {
			docs = append(docs, sign(by[i], delegated(fmt.Sprint("long ", i), docs[i], i+1, by[i], by[i+1],
				subject("maxDelegationDepth", 9))))
		}
		s.presentation = present(by[6], intent("present", idOf(docs[6])), docs)
	})
	st.no("P-36", "beyond the tightest link", "narrower", "authority.amount_exceeded", func(s *scene) {
		l := link(subject("maxTransactionAmount", money("12.49", "USD")))
		chain(second, root, l)(s)
	})
}
