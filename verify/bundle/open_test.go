package bundle_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// unsignedList takes the proof off a list.
func unsignedList(t testing.TB, raw []byte) []byte {
	t.Helper()
	var m object
	require.NoError(t, json.Unmarshal(raw, &m))
	delete(m, "proof")
	text, err := json.Marshal(m)
	require.NoError(t, err)
	return text
}

// Who may sign, with which key, for what.
func TestSIGWhoMaySign(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	stranger := verifytest.Key("stranger")
	none := func(object) {}
	for name, c := range map[string]struct {
		raw  []byte
		edit func(*bundle.Options)
		want verify.Code
	}{
		"a stranger's bundle": {s.resignAs(stranger, raw,
			func(m object) { m["issuer"] = stranger.DID().String() }, credential.SignOptions{}), nil, verify.AnchorUntrustedIssuer},
		"a stranger in the operator's name": {s.resignAs(stranger, raw, none, credential.SignOptions{}), nil, verify.ProofKeyNotAuthorized},
		"an anchor of the bundle signs":     {s.resignAs(s.Issuer, raw, none, credential.SignOptions{}), nil, verify.ProofKeyNotAuthorized},
		"another signer is believed":        {raw, func(o *bundle.Options) { o.Signers = []did.DID{stranger.DID()} }, verify.AnchorUntrustedIssuer},
		"SIG-11 made for authentication": {s.resignAs(s.operator, raw, none,
			credential.SignOptions{Purpose: did.Authentication}), nil, verify.ProofPurposeMismatch},
		"another series":                   {raw, func(o *bundle.Options) { o.ID = series + "2" }, verify.AnchorUntrustedIssuer},
		"for others":                       {raw, func(o *bundle.Options) { o.Audience = "did:web:other.example" }, verify.ProofAudienceMismatch},
		"for somebody, and this is nobody": {raw, func(o *bundle.Options) { o.Audience = "" }, verify.ProofAudienceMismatch},
		"an older sequence number":         {raw, func(o *bundle.Options) { o.MinSequence = 8 }, verify.StatusRolledBack},
		"SIG-06 the proof has created": {s.resignAs(s.operator, raw, none,
			credential.SignOptions{Created: s.Clock.Now()}), nil, verify.EnvelopeMalformed},
		"SIG-06 the proof has expires": {s.resignAs(s.operator, raw, none,
			credential.SignOptions{Expires: s.Clock.Now().Add(time.Hour)}), nil, verify.EnvelopeMalformed},
		"SIG-06 the proof has a domain": {s.resignAs(s.operator, raw, none,
			credential.SignOptions{Domain: []string{verifytest.Audience}}), nil, verify.EnvelopeMalformed},
		"a lifetime longer than is accepted": {raw, func(o *bundle.Options) { o.Bounds.Lifetime = 7*24*time.Hour - time.Second }, verify.TimeLifetimeExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			o := s.options()
			if c.edit != nil {
				c.edit(&o)
			}
			b, err := bundle.Open(ctx, c.raw, o)
			refused(t, err, c.want)
			require.Nil(t, b)
		})
	}
	s.open(raw, func(o *bundle.Options) {
		o.ID, o.MinSequence, o.Bounds.Lifetime = series, 7, 7*24*time.Hour
	})
	everybody := s.create(func(c *bundle.Contents) { c.Audience = nil })
	s.open(everybody)
	s.open(everybody, func(o *bundle.Options) { o.Audience = "" })
}

// No stranger makes us look anything up.
func TestAnchorBeforeResolve(t *testing.T) {
	s := newSite(t)
	stranger := verifytest.Key("stranger")
	asked := func(o *bundle.Options) {
		o.Resolver = did.ResolverFunc(func(_ ctxType, id did.DID) (*did.Document, error) {
			t.Errorf("%s was looked up", id)
			return nil, did.ErrNotFound
		})
	}
	for _, raw := range [][]byte{
		s.resignAs(stranger, s.create(), func(m object) { m["issuer"] = stranger.DID().String() }, credential.SignOptions{}),
		s.resignAs(stranger, s.create(), func(object) {}, credential.SignOptions{}),
	} {
		_, err := bundle.Open(ctx, raw, s.options(asked))
		require.Error(t, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	for name, edit := range map[string]func(*bundle.Options){
		"nobody signs":           func(o *bundle.Options) { o.Signers = nil },
		"a zero signer":          func(o *bundle.Options) { o.Signers = append(o.Signers, did.DID{}) },
		"TIM-05 negative skew":   func(o *bundle.Options) { o.Skew = -1 },
		"TIM-05 too much skew":   func(o *bundle.Options) { o.Skew = 5*time.Minute + 1 },
		"negative sequence":      func(o *bundle.Options) { o.MinSequence = -1 },
		"bounds above their max": func(o *bundle.Options) { o.Bounds.Bytes = 1 << 40 },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundle.Open(ctx, raw, s.options(edit))
			refused(t, err, verify.RequestInvalid)
			_, err = bundle.NewStore(s.options(edit), nil)
			refused(t, err, verify.RequestInvalid)
		})
	}
}

// TIM-01 at both ends, with and without skew.
func TestTIM01Validity(t *testing.T) {
	s := newSite(t)
	c, raw := s.contents(), s.create()
	for _, skew := range []time.Duration{0, 5 * time.Minute} {
		for _, row := range []struct {
			at   time.Time
			want verify.Code
		}{
			{c.Created.Add(-skew - 1), verify.TimeNotYetValid},
			{c.Created.Add(-skew), ""},
			{c.ValidUntil.Add(skew - 1), ""},
			{c.ValidUntil.Add(skew), verify.TimeExpired},
			{time.Time{}, verify.TimeNotYetValid},
			{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), verify.TimeExpired},
		} {
			_, err := bundle.Open(ctx, raw, s.options(func(o *bundle.Options) {
				o.Skew, o.Now = skew, func() time.Time { return row.at }
			}))
			if row.want == "" {
				require.NoError(t, err, row.at)
			} else {
				refused(t, err, row.want)
			}
		}
	}
}

// SIG-05: every byte of a signed bundle, and every bit of some.
func TestSIG05EveryByte(t *testing.T) {
	s := newSite(t)
	raw := s.create(func(c *bundle.Contents) { c.StatusLists = c.StatusLists[:1] })
	o := s.options()
	_, err := bundle.Open(ctx, raw, o)
	require.NoError(t, err)
	step := 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < len(raw); i += step {
		bad := []byte(string(raw))
		bad[i] ^= 1 << (i % 7)
		if _, err := bundle.Open(ctx, bad, o); err == nil {
			t.Fatalf("byte %d, %q changed to %q, is still believed", i, raw[i], bad[i])
		}
	}
	for i := range 64 {
		_, err := bundle.Open(ctx, raw[:len(raw)*i/64], o)
		require.Error(t, err)
	}
}

// A member at a time: gone, of every wrong type, or unknown.
func TestPAR11EveryMember(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	optional := map[string]bool{"audience": true, "didDocuments": true, "statusLists": true, "credentials": true,
		"anchors": true, "actions": true, "ceilings": true, "maxAssurance": true}
	var m object
	require.NoError(t, json.Unmarshal(raw, &m))
	check := func(name string, at func(object) object) {
		t.Helper()
		_, err := bundle.Open(ctx, s.resign(raw, func(m object) { delete(at(m), name) }), s.options())
		if optional[name] {
			// An anchor is under a digest, too.
			require.Equal(t, at(object{}) != nil, err == nil, "%s left out: %v", name, err)
		} else {
			require.Error(t, err, "%s left out", name)
		}
		for _, v := range []any{nil, true, 0, -1, 1.5, "", "x", []any{}, []any{nil}, []any{object{}}, object{}, object{"x": 1}} {
			_, err := bundle.Open(ctx, s.resign(raw, func(m object) { at(m)[name] = v }), s.options())
			require.Error(t, err, "%s is %v", name, v)
		}
	}
	top := func(m object) object { return m }
	for name := range m {
		if name != "proof" {
			check(name, top)
		}
	}
	for _, kind := range []bundle.Kind{bundle.DIDDocuments, bundle.StatusLists, bundle.Credentials, bundle.Anchors} {
		for name := range entry(m, kind) {
			check(name, func(m object) object {
				if len(m) == 0 {
					return nil
				}
				return entry(m, kind)
			})
		}
		_, err := bundle.Open(ctx, s.resign(raw, func(m object) { entry(m, kind)["Id"] = "x:y" }), s.options())
		refused(t, err, verify.EnvelopeMalformed, "/"+string(kind)+"/0/Id")
	}
	_, err := bundle.Open(ctx, s.resign(raw, func(m object) { m["contexts"] = []any{} }), s.options())
	refused(t, err, verify.EnvelopeMalformed, "/contexts")
	_, err = bundle.Open(ctx, []byte(strings.Replace(string(raw), `"sequence":7`, `"sequence":7,"sequence":7`, 1)), s.options())
	refused(t, err, verify.EnvelopeMalformed)
}

// What a signer who errs, or lies, cannot get past a reader.
func TestEntryFaults(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	web2, err := did.NewDocument(did.DocumentOptions{ID: did.MustParse("did:web:other.example"),
		Keys: []did.DocumentKey{{Key: verifytest.Key("k1").PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}}}})
	require.NoError(t, err)
	keyDoc, err := did.KeyMethods().Resolve(ctx, s.Agent.DID())
	require.NoError(t, err)
	content := func(kind bundle.Kind, text string) func(object) {
		return func(m object) { entry(m, kind)["content"], entry(m, kind)["digest"] = text, digestOf(text) }
	}
	set := func(kind bundle.Kind, name string, v any) func(object) {
		return func(m object) { entry(m, kind)[name] = v }
	}
	anchor := func(name string, v any) func(object) {
		return func(m object) {
			a := entry(m, bundle.Anchors)["content"].(object)
			a[name] = v
			text, _ := json.Marshal(a)
			entry(m, bundle.Anchors)["digest"] = digestOf(string(text)) // sorted names, plain ASCII: its own JCS form
		}
	}
	money := func(amount, currency any) []any { return []any{object{"amount": amount, "currency": currency}} }
	foreign := verifytest.NewWorld(t)
	foreignList, err := foreign.Lists.Revocation.Publish(ctx, verifytest.Key("stranger"), publishAt(s.Clock.Now()))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		edit func(object)
		want verify.Code
		path string
	}{
		"digest of another document":     {set(bundle.DIDDocuments, "digest", digestOf("x")), verify.EnvelopeMalformed, "/didDocuments/0/digest"},
		"digest of another list":         {set(bundle.StatusLists, "digest", digestOf("x")), verify.EnvelopeMalformed, "/statusLists/0/digest"},
		"digest of another anchor":       {set(bundle.Anchors, "digest", digestOf("x")), verify.EnvelopeMalformed, "/anchors/0/digest"},
		"not a digest":                   {set(bundle.Credentials, "digest", "sha256:00"), verify.EnvelopeMalformed, "/credentials/0/digest"},
		"DID-13 the document of another": {content(bundle.DIDDocuments, string(web2.Bytes())), verify.EnvelopeMalformed, "/didDocuments/0/content"},
		"no document":                    {content(bundle.DIDDocuments, "{}"), verify.EnvelopeMalformed, "/didDocuments/0/content"},
		"STL-06 another list under this URL": {content(bundle.StatusLists,
			string(s.Lists.Get(verifytest.SuspensionURL))), verify.EnvelopeMalformed, "/statusLists/0/content"},
		"STL-06 a plain credential as a list": {content(bundle.StatusLists, string(consent(t).Bytes())), verify.StatusInvalid, ""},
		"STL-07 the list is not signed": {content(bundle.StatusLists,
			string(unsignedList(t, s.Lists.Get(verifytest.RevocationURL)))), verify.StatusInvalid, "/statusLists/0/content"},
		"STL-08 the list is not JSON":    {content(bundle.StatusLists, "<html>"), verify.EnvelopeMalformed, "/statusLists/0/content"},
		"no credential":                  {content(bundle.Credentials, `{"@context":[]}`), verify.EnvelopeContext, ""},
		"a credential of another id":     {set(bundle.Credentials, "id", "urn:uuid:0"), verify.EnvelopeMalformed, "/credentials/0/content"},
		"an anchor of another":           {set(bundle.Anchors, "id", "did:web:other.example"), verify.EnvelopeMalformed, "/anchors/0/content"},
		"an anchor that is not a DID":    {anchor("issuer", "https://issuer.example"), verify.EnvelopeMalformed, "/anchors/0/content/issuer"},
		"an unknown member of an anchor": {anchor("action", []any{"*"}), verify.EnvelopeMalformed, "/anchors/0/content/action"},
		"no action pattern":              {anchor("actions", []any{"payments.*.x"}), verify.EnvelopeMalformed, "/anchors/0/content/actions/0"},
		"no region":                      {anchor("regions", []any{"Europe!"}), verify.EnvelopeMalformed, "/anchors/0/content/regions/0"},
		"an action twice":                {anchor("actions", []any{"a.b", "a.b"}), verify.EnvelopeMalformed, "/anchors/0/content/actions/1"},
		"an empty type":                  {anchor("types", []any{""}), verify.EnvelopeMalformed, "/anchors/0/content/types/0"},
		"actions as one text":            {anchor("actions", "*"), verify.EnvelopeMalformed, "/anchors/0/content/actions"},
		"a ceiling as a number":          {anchor("ceilings", money(50, "USD")), verify.EnvelopeMalformed, "/anchors/0/content/ceilings/0"},
		"a ceiling in no currency":       {anchor("ceilings", money("50", "XYZ1")), verify.EnvelopeMalformed, "/anchors/0/content/ceilings/0"},
		"two ceilings in one currency": {anchor("ceilings", append(money("50", "USD"), money("60", "USD")...)),
			verify.EnvelopeMalformed, "/anchors/0/content/ceilings/1"},
		"no level":   {anchor("maxAssurance", "L9"), verify.EnvelopeMalformed, "/anchors/0/content/maxAssurance"},
		"65 actions": {anchor("actions", actions(65)), verify.EnvelopeTooLarge, "/anchors/0/content/actions"},
		"an unknown member of a ceiling": {anchor("ceilings",
			[]any{object{"amount": "5", "currency": "USD", "per": "day"}}), verify.EnvelopeMalformed, "/anchors/0/content/ceilings/0/per"},
		"19 decimals": {anchor("ceilings", []any{object{"amount": "5", "currency": "USD", "decimals": 19}}),
			verify.EnvelopeMalformed, "/anchors/0/content/ceilings/0/decimals"},
		"a type of 257 bytes": {anchor("types", []any{strings.Repeat("a", 257)}), verify.EnvelopeMalformed, "/anchors/0/content/types/0"},
		"65 audiences": {func(m object) {
			var all []any
			for _, a := range actions(65) {
				all = append(all, "urn:x:"+a.(string))
			}
			m["audience"] = all
		}, verify.EnvelopeTooLarge, "/audience"},
		"an id of 2049 bytes":       {func(m object) { m["id"] = "urn:x:" + strings.Repeat("a", 2043) }, verify.EnvelopeMalformed, "/id"},
		"a document vouched for":    {set(bundle.DIDDocuments, "vouched", true), verify.EnvelopeMalformed, "/didDocuments/0/vouched"},
		"a signed list vouched for": {set(bundle.StatusLists, "vouched", true), verify.StatusInvalid, "/statusLists/0/content"},
		"vouched: false":            {set(bundle.StatusLists, "vouched", false), verify.EnvelopeMalformed, "/statusLists/0/vouched"},
		"fetched after the bundle was made": {set(bundle.StatusLists, "fetchedAt", "2026-11-21T09:00:01Z"),
			verify.EnvelopeMalformed, "/statusLists/0/fetchedAt"},
		"use-by before the bundle was made":  {set(bundle.Anchors, "useBy", "2026-11-21T09:00:00Z"), verify.EnvelopeMalformed, "/anchors/0/useBy"},
		"use-by after the end of the bundle": {set(bundle.StatusLists, "useBy", "2026-11-28T09:00:01Z"), verify.EnvelopeMalformed, "/statusLists/0/useBy"},
		"S1 use-by is the zero time": {set(bundle.StatusLists, "useBy", "0001-01-01T01:00:00+01:00"),
			verify.EnvelopeMalformed, "/statusLists/0/useBy"},
		"S1 made at the zero time":            {func(m object) { m["created"] = "0001-01-01T00:00:00Z" }, verify.EnvelopeMalformed, "/created"},
		"S1 ends at the zero time":            {func(m object) { m["validUntil"] = "0001-01-01T00:00:00Z" }, verify.EnvelopeMalformed, "/validUntil"},
		"TIM-03 a date alone":                 {set(bundle.StatusLists, "useBy", "2026-11-28"), verify.EnvelopeMalformed, "/statusLists/0/useBy"},
		"a source that is a path":             {set(bundle.StatusLists, "source", "/status"), verify.EnvelopeMalformed, "/statusLists/0/source"},
		"TIM-10 the end before the beginning": {func(m object) { m["validUntil"] = m["created"] }, verify.EnvelopeMalformed, "/validUntil"},
		"TIM-02 no end":                       {func(m object) { delete(m, "validUntil") }, verify.EnvelopeMalformed, ""},
		"sequence 0":                          {func(m object) { m["sequence"] = 0 }, verify.EnvelopeMalformed, "/sequence"},
		"PAR-10 a sequence beyond 2^53":       {func(m object) { m["sequence"] = json.Number("9007199254740992") }, verify.EnvelopeMalformed, "/sequence"},
		"another version":                     {func(m object) { m["version"] = 2 }, verify.EnvelopeUnsupported, "/version"},
		"another type":                        {func(m object) { m["type"] = "TrustBundle" }, verify.EnvelopeUnsupported, "/type"},
		"an audience twice":                   {func(m object) { m["audience"] = []any{"a:b", "a:b"} }, verify.EnvelopeMalformed, "/audience/1"},
		"an entry twice": {func(m object) {
			m["statusLists"] = append(m["statusLists"].([]any),
				entry(m, "statusLists"))
		}, verify.EnvelopeMalformed, "/statusLists/2/id"},
		"no entries where there should be some": {func(m object) { m["statusLists"] = []any{} }, verify.EnvelopeMalformed, "/statusLists"},
		"a did:key delivered": {func(m object) {
			content(bundle.DIDDocuments, string(keyDoc.Bytes()))(m)
			entry(m, bundle.DIDDocuments)["id"] = s.Agent.DID().String()
		}, verify.EnvelopeMalformed, "/didDocuments/0/content"},
		"STL-03 a list signed by a stranger": {content(bundle.StatusLists,
			strings.Replace(string(foreignList[0].Raw), `"issuer":"`+verifytest.Key("stranger").DID().String(),
				`"issuer":"`+s.Issuer.DID().String(), 1)), verify.StatusInvalid, "/statusLists/0/content"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundle.Open(ctx, s.resign(raw, c.edit), s.options())
			if c.path == "" {
				refused(t, err, c.want)
			} else {
				refused(t, err, c.want, c.path)
			}
		})
	}
}

func actions(n int) (out []any) {
	for i := range n {
		out = append(out, fmt.Sprintf("a.b%d", i))
	}
	return out
}

// RES-01 at the cap and one above.
func TestRES01Bounds(t *testing.T) {
	s := newSite(t)
	raw := s.create()
	with := func(edit func(*bundle.Bounds)) error {
		_, err := bundle.Open(ctx, raw, s.options(func(o *bundle.Options) { edit(&o.Bounds) }))
		return err
	}
	require.NoError(t, with(func(b *bundle.Bounds) { b.Bytes = len(raw) }))
	err := with(func(b *bundle.Bounds) { b.Bytes = len(raw) - 1 })
	refused(t, err, verify.EnvelopeTooLarge)
	require.NoError(t, with(func(b *bundle.Bounds) { b.Entries = 5 }))
	err = with(func(b *bundle.Bounds) { b.Entries = 4 })
	refused(t, err, verify.EnvelopeTooLarge, "/anchors")
	require.ErrorContains(t, err, "5 entries, at most 4")
	require.NoError(t, with(func(b *bundle.Bounds) { b.Lifetime = 7 * 24 * time.Hour }))
	refused(t, with(func(b *bundle.Bounds) { b.Lifetime = 7*24*time.Hour - 1 }), verify.TimeLifetimeExceeded)

	c := s.contents(func(c *bundle.Contents) { c.ValidUntil = c.Created.Add(limits.Default().BundleLifetime + time.Second) })
	_, err = bundle.Create(ctx, s.operator, c, bundle.CreateOptions{})
	refused(t, err, verify.TimeLifetimeExceeded)
	_, err = bundle.Create(ctx, s.operator, c, bundle.CreateOptions{Bounds: bundle.Bounds{Lifetime: limits.Max().BundleLifetime}})
	require.NoError(t, err)

	// As many entries as are allowed by default, and one more.
	many := s.contents(func(c *bundle.Contents) {
		c.DIDDocuments, c.StatusLists, c.Credentials, c.Anchors = nil, nil, nil, nil
		for i := range limits.Default().BundleEntries {
			c.Anchors = append(c.Anchors, bundle.Anchor{Anchor: verify.Anchor{Issuer: did.MustParse(fmt.Sprintf("did:web:h%d.example", i))}})
		}
	})
	_, err = bundle.Create(ctx, s.operator, many, bundle.CreateOptions{})
	require.NoError(t, err)
	many.DIDDocuments = s.contents().DIDDocuments
	_, err = bundle.Create(ctx, s.operator, many, bundle.CreateOptions{})
	refused(t, err, verify.EnvelopeTooLarge)
}

func TestCreateRefuses(t *testing.T) {
	s := newSite(t)
	for name, edit := range map[string]func(*bundle.Contents){
		"no id":                 func(c *bundle.Contents) { c.ID = "" },
		"no sequence":           func(c *bundle.Contents) { c.Sequence = 0 },
		"no end":                func(c *bundle.Contents) { c.ValidUntil = time.Time{} },
		"not UTF-8":             func(c *bundle.Contents) { c.StatusLists[0].Content = []byte("\"\xff\"") },
		"no document":           func(c *bundle.Contents) { c.DIDDocuments[0].Content = nil },
		"no list":               func(c *bundle.Contents) { c.StatusLists[0].Content = []byte("{}") },
		"a list twice":          func(c *bundle.Contents) { c.StatusLists[1] = c.StatusLists[0] },
		"an anchor of nobody":   func(c *bundle.Contents) { c.Anchors[0].Issuer = did.DID{} },
		"an action of no form":  func(c *bundle.Contents) { c.Anchors[0].Actions[0] = "Pay Everything" },
		"a level of no ladder":  func(c *bundle.Contents) { c.Anchors[0].MaxAssurance = "L7" },
		"fetched in the future": func(c *bundle.Contents) { c.StatusLists[0].FetchedAt = c.Created.Add(time.Hour) },
		"of no use any more":    func(c *bundle.Contents) { c.Anchors[0].UseBy = c.Created },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundle.Create(ctx, s.operator, s.contents(edit), bundle.CreateOptions{})
			require.Error(t, err)
		})
	}
	_, err := bundle.Create(ctx, nil, s.contents(), bundle.CreateOptions{})
	refused(t, err, verify.RequestInvalid)
	raw, err := bundle.Create(ctx, s.operator, s.contents(func(c *bundle.Contents) { c.Created = time.Time{} }), bundle.CreateOptions{Now: s.Clock.Now})
	require.NoError(t, err)
	require.Equal(t, s.create(), raw)
}
