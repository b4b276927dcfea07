package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Profile is what a record says of an agent, and what [Records.Update] changes. Name,
// description, role, framework and authority are signed; the rest is in the record
// alone.
type Profile struct {
	Name        string // needed, at most 100 bytes
	Description string `json:",omitempty"`
	Role        string `json:",omitempty"`
	Framework   string `json:",omitempty"`

	// Authority is what the agent may do. Regions may be groups, such as EU, which
	// passports spell out. Assurance is not said here: it is what was attested.
	Authority passport.Authority
	// Attestation is what the agent is meant to run; zero: nothing is said. Signed, too.
	Attestation passport.Attestation `json:",omitzero"`
	// Extensions is a JSON object that passports carry, of at most 16 KiB, and that only the rules of a host read,
	// such as the limits of policy packs. Empty: none. Instances have their template's. Signed, too.
	Extensions json.RawMessage `json:",omitempty"`

	Contact    string   `json:",omitempty"` // an address or a name: personal
	Email      string   `json:",omitempty"` // to whom the host writes about the agent: personal
	WebhookURL string   `json:",omitempty"` // where the host posts events of it, https; the office posts nothing
	Links      Links    `json:",omitzero"`
	LogoURL    string   `json:",omitempty"`
	Categories []string `json:",omitempty"`
}

// Links are pages about an agent.
type Links struct {
	Homepage, Docs, Repo string `json:",omitempty"`
}

// check refuses a profile that a record cannot have.
func (p *Profile) check() error {
	for _, text := range []struct {
		member, text string
		most         int
	}{
		{"Name", p.Name, 100}, {"Description", p.Description, 1000}, {"Role", p.Role, 100},
		{"Framework", p.Framework, 100}, {"Contact", p.Contact, 254}, {"LogoURL", p.LogoURL, 2000},
		{"WebhookURL", p.WebhookURL, 2000},
		{"Links", p.Links.Homepage, 2000}, {"Links", p.Links.Docs, 2000}, {"Links", p.Links.Repo, 2000},
	} {
		if len(text.text) > text.most || !utf8.ValidString(text.text) {
			return refuse(BadRequest, text.member, "want UTF-8 of at most %d bytes", text.most)
		}
	}
	if p.Name == "" {
		return refuse(BadRequest, "Name", "it is needed")
	}
	for _, link := range []string{p.Links.Homepage, p.Links.Docs, p.Links.Repo, p.LogoURL} {
		u, err := url.Parse(link)
		if link != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return refuse(BadRequest, "Links", "%.80q: want an absolute URL, such as https://example.org/docs", link)
		}
	}
	if p.Email != "" {
		if _, err := address("Email", p.Email); err != nil {
			return err
		}
	}
	if u, err := url.Parse(p.WebhookURL); p.WebhookURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" ||
		u.User != nil || u.Fragment != "") {
		return refuse(BadRequest, "WebhookURL", "want an https URL without a user or a fragment")
	}
	if len(p.Categories) > 16 {
		return refuse(BadRequest, "Categories", "want at most 16")
	}
	for _, c := range p.Categories {
		if c == "" || len(c) > 50 || !utf8.ValidString(c) {
			return refuse(BadRequest, "Categories", "want 1 to 50 bytes each")
		}
	}
	if !p.Authority.Assurance.IsZero() {
		return refuse(InvalidAssurance, "Assurance", "a level is attested, never set")
	}
	return nil
}

// document is the passport that a profile asks for, but for who it is for.
func (p *Profile) document() (*passport.Passport, error) {
	doc := &passport.Passport{
		Name: p.Name, Description: p.Description, Role: p.Role, Framework: p.Framework, Authority: p.Authority,
		Attestation: p.Attestation,
	}
	if len(p.Extensions) > 0 {
		v, err := credential.ParseValue(string(p.Extensions))
		if err != nil || len(p.Extensions) > 16<<10 || !strings.HasPrefix(v.Raw(), "{") {
			return nil, refuse(BadRequest, "Extensions", "want a JSON object of at most 16 KiB")
		}
		doc.Extensions = v
	}
	if p.Authority.Regions != nil {
		regions, err := passport.ExpandRegions(p.Authority.Regions...)
		if err != nil {
			e := refuse(BadRequest, "Regions", "want ISO 3166 codes in capitals, or EU, EEA, EFTA")
			e.Err = err
			return nil, e
		}
		doc.Authority.Regions = regions
	}
	return doc, nil
}

// unsigned is a signer that does not sign: whoever gets as far as that has a document
// that could be issued.
type unsigned struct{ did.Signer }

var errUnsigned = errors.New("registry: nothing is signed")

func (unsigned) Sign(context.Context, []byte) ([]byte, error) { return nil, errUnsigned }

// signable refuses a document that could not be issued.
func (r *Registry) signable(doc *passport.Passport) error {
	_, err := passport.Issue(context.Background(), unsigned{r.config.Issuer}, doc, passport.IssueOptions{Now: r.now})
	if errors.Is(err, errUnsigned) {
		return nil
	}
	return &Error{Code: BadRequest, Detail: "the passport cannot be issued", Err: err}
}

// same reports whether two values are written alike.
func same(a, b any) bool {
	x, err := json.Marshal(a)
	y, other := json.Marshal(b)
	return err == nil && other == nil && string(x) == string(y)
}
