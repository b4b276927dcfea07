package build

import (
	"maps"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// scene is everything that a decision is made of.
type scene struct {
	presentation any
	request      members
	lists        object
	config       members
	before       []any
	documents    object
	siblings     object
	now          string
}

func (s *scene) input() object {
	in := object{"presentation": s.presentation, "request": s.request, "lists": s.lists, "config": s.config}
	if s.before != nil {
		in["before"] = s.before
	}
	if s.documents != nil {
		in["documents"] = s.documents
	}
	if s.siblings != nil {
		in["siblings"] = s.siblings
	}
	return in
}

// edit changes a scene.
type edit = func(*scene)

// stage collects cases of the kind present.
type stage struct {
	*group
	root string // the usual passport, signed
}

const adaURL = "https://ada.example/status"

func (g *group) texts() {
	g.text("list", list(issuer, plainList(listURL, "revocation")))
	g.text("pauses", list(issuer, plainList(pauseURL, "suspension")))
	g.text("list of ada", list(ada, plainList(adaURL, "revocation").with("issuer", ada.DID().String())))
}

func presents(m *maker) {
	for _, p := range []struct {
		name, about string
		play        func(*stage)
	}{
		{"present-envelope", "Step 1: is it well formed, and of a kind that is known?", (*stage).envelopes},
		{"present-anchor", "Steps 2 and 3: who began the chain, and is all of it valid now?",
			(*stage).anchorsAndTimes},
		{"present-proof", "Step 4: did the right keys sign exactly this?", (*stage).proofs},
		{"present-delegation", "Step 5: did every hop only narrow?", (*stage).delegations},
		{"present-status", "Step 6: revoked, suspended, paused, and the consent.", (*stage).statuses},
		{"present-authority", "Step 7: is the act inside what all allow?", (*stage).authorities},
		{"present-ledger", "Step 8: is it new, and within the budgets?", (*stage).ledgers},
	} {
		g := m.group(p.name, "present", p.about)
		g.now = nowText
		g.texts()
		st := &stage{group: g, root: pass("present")}
		g.text("good", st.show(nil))
		p.play(st)
	}
}

// show presents a passport; nil is the usual one.
func (st *stage) show(p *string, edits ...func(members) members) string {
	if p == nil {
		p = &st.root
	}
	return present(agent, intent("present", idOf(*p), edits...), []string{*p})
}

// usual is the scene of the good presentation.
func (st *stage) usual(edits ...edit) *scene {
	s := &scene{
		presentation: ref("good"), request: request(),
		lists:  object{listURL: ref("list"), pauseURL: ref("pauses")},
		config: o("anchors", []any{o("issuer", issuer.DID().String(), "maxAssurance", "L4FIN")}),
	}
	for _, e := range edits {
		e(s)
	}
	return s
}

func (st *stage) ok(rule, title string, edits ...edit) {
	st.rule = rule
	st.play(title, "", "", edits)
}

func (st *stage) no(rule, title, twin, code string, edits ...edit) {
	st.rule = rule
	st.play(title, twin, code, edits)
}

func (st *stage) play(title, twin, code string, edits []edit) {
	s := st.usual(edits...)
	was := st.now
	if s.now != "" {
		st.now = s.now
	}
	if code == "" {
		st.good(title, s.input())
	} else {
		st.bad(title, twin, code, s.input())
	}
	st.now = was
}

// shown presents other bytes.
func shown(doc string) edit { return func(s *scene) { s.presentation = doc } }

// asks changes the question.
func asks(path string, value any) edit {
	return func(s *scene) { s.request = s.request.at(path, value) }
}

// configured changes the configuration.
func configured(path string, value any) edit {
	return func(s *scene) { s.config = s.config.with(path, value) }
}

// trustsToo makes another issuer an anchor, beside the first.
func trustsToo(issuer string) edit {
	return func(s *scene) {
		more := append(s.config.get("anchors").([]any)[:1:1], o("issuer", issuer, "maxAssurance", "L4FIN"))
		s.config = s.config.with("anchors", more)
	}
}

// trusts changes the anchor.
func trusts(name string, value any) edit {
	return func(s *scene) {
		a := s.config.get("anchors").([]any)[0].(members)
		s.config = s.config.with("anchors", []any{a.with(name, value)})
	}
}

// listed hands over another list; nil: it cannot be found.
func listed(url string, doc any) edit {
	return func(s *scene) {
		s.lists = maps.Clone(s.lists)
		s.lists[url] = doc
	}
}

func at(now string) edit { return func(s *scene) { s.now = now } }

// act changes the act of the intent and of the question alike.
func act(p *string, st *stage, edits ...func(members) members) edit {
	return func(s *scene) {
		s.presentation = st.show(p, edits...)
		for _, e := range edits {
			s.request = e(s.request)
		}
	}
}

// passing shows a passport, signed by the issuer.
func (st *stage) passing(edits ...func(members) members) edit {
	p := pass("present", edits...)
	return shown(st.show(&p))
}

// signedBy replaces the proof of the usual presentation.
func (st *stage) signedBy(by did.Signer, edits ...func(*credential.SignOptions)) edit {
	return shown(signVP(by, unsigned(agent.DID(), intent("present", idOf(st.root)), st.root), edits...))
}

func noCreated(so *credential.SignOptions) { so.Created = time.Time{} }
