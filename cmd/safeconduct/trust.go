package main

import (
	"errors"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// scopeUsage is the part of the usage texts of what names issuers.
const scopeUsage = `  -trust-action NAME     for these actions alone (payments.*): may be given
                         several times, as the next two; for every -trust
  -trust-ceiling MONEY   in these currencies alone, and so much for one payment
  -trust-region CODE     in these regions alone
  -trust-assurance LEVEL how well its word identifies people, at most: L0
                         unless given, or L1, L2, L3, L4KYC, L4FIN
`

// scope is for what the issuers of -trust are trusted.
type scope struct {
	actions, regions *[]string
	ceilings         []passport.Money
	assurance        passport.Level
}

func (f *flags) trustScope() *scope {
	s := &scope{actions: f.list("trust-action"), regions: f.list("trust-region")}
	f.Func("trust-ceiling", "", func(text string) error {
		var m passport.Money
		err := setMoney(&m, text)
		s.ceilings = append(s.ceilings, m)
		return err
	})
	f.Func("trust-assurance", "", func(text string) error { return setLevel(&s.assurance, text) })
	return s
}

// setLevel reads a level of assurance.
func setLevel(into *passport.Level, s string) error {
	if s == "" || passport.Level(s).Rank() < 0 {
		return errors.New("want L0, L1, L2, L3, L4KYC or L4FIN")
	}
	*into = passport.Level(s)
	return nil
}

// anchors makes an anchor of each issuer.
func (f *flags) anchors(issuers []string, s *scope) ([]verify.Anchor, error) {
	list := make([]verify.Anchor, 0, len(issuers))
	for _, text := range issuers {
		issuer, err := did.Parse(text)
		if err != nil {
			return nil, f.usage("-trust: %w", err)
		}
		list = append(list, verify.Anchor{
			Issuer: issuer, Actions: *s.actions, Regions: *s.regions, Ceilings: s.ceilings, MaxAssurance: s.assurance,
		})
	}
	return list, nil
}
