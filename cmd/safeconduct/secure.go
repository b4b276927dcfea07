package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
)

// securing is how a document is signed: by a proof of one of two suites, or in
// an envelope.
type securing struct {
	suite  string
	format credential.Format // nil: a proof
}

const formatJWT = "vc+jwt"

// secureUsage is the part of the usage texts of what signs.
const secureUsage = `  -suite NAME       how it is signed: eddsa-jcs-2022 unless given, or
                    eddsa-rdfc-2022
  -format vc+jwt    as a token (vc+jwt, vp+jwt) instead of a document with a
                    proof; only verifiers that accept the format take it
`

// securing adds -suite and -format. The function returned is for after parse.
func (f *flags) securing() (*securing, func() error) {
	s := &securing{}
	f.Func("suite", "", func(name string) error {
		if name != credential.SuiteJCS && name != credential.SuiteRDFC {
			return fmt.Errorf("want %s or %s", credential.SuiteJCS, credential.SuiteRDFC)
		}
		s.suite = name
		return nil
	})
	f.Func("format", "", func(name string) (err error) {
		s.format, err = formatNamed(name)
		return err
	})
	return s, func() error {
		if s.suite != "" && s.format != nil {
			return f.usage("-suite is of a proof, and a token of -format has none: give one of them")
		}
		return nil
	}
}

func formatNamed(name string) (credential.Format, error) {
	if name != formatJWT {
		return nil, fmt.Errorf("want %s; without the flag it is a document with a proof", formatJWT)
	}
	return vcjwt.Format(), nil
}

// formats adds -format of what reads: the formats accepted beside Data
// Integrity.
func (f *flags) formats() *[]credential.Format {
	var accepted []credential.Format
	f.Func("format", "", func(name string) error {
		format, err := formatNamed(name)
		if err == nil && len(accepted) == 0 { // there is one
			accepted = append(accepted, format)
		}
		return err
	})
	return &accepted
}

// document reads a secured document. A token is taken from its line: it may
// not have white space of its own, and a file ends with a line end.
func (a *app) document(name string) ([]byte, error) {
	raw, err := a.read(name, documentBytes())
	if err == nil && !isJSON(raw) {
		raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	}
	return raw, err
}

func isJSON(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// chain reads the passports of -passport, the root first, and consents. They are the
// caller's own, so every format that there is will do.
func (a *app) chain(files []string) ([]*credential.Signed, error) {
	list := make([]*credential.Signed, 0, len(files))
	for _, name := range files {
		raw, err := a.document(name)
		if err != nil {
			return nil, err
		}
		signed, err := credential.Parse(raw, vcjwt.Format())
		if err != nil {
			return nil, &failure{exit: exitCode(err), err: err, hints: []string{name + " must be a passport, as safeconduct issue writes it, or a consent where one is due"}}
		}
		list = append(list, signed)
	}
	return list, nil
}

// jsonText is a secured document as a member of an answer: an object, or the
// token as a string.
func jsonText(raw []byte) json.RawMessage {
	if isJSON(raw) {
		return raw
	}
	text, err := json.Marshal(string(raw))
	if err != nil {
		return nil // a string is always JSON
	}
	return text
}
