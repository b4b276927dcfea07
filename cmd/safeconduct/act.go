package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
)

// act is what an agent is about to do, as present signs it and verify asks for
// it: the same flags on both sides.
type act struct {
	passport.Act
	audience, nonce, bodyDigest string
}

// actUsage is the part of both usage texts.
const actUsage = `  -audience ID     who is asked to act, as both sides name it (needed)
  -action NAME     what is to be done: payments.charge (needed)
  -amount MONEY    what it costs: "12.50 USD"
  -category NAME   of a payment: compute
  -rail NAME       of a payment: card
  -payee TEXT      who is paid
  -resource TEXT   what it is done to
  -region CODE     where: DE, US-CA
  -params JSON     further attributes, as an object: '{"files": 3}'
  -body FILE       a message body that the act is bound to, by its digest
  -nonce TEXT      the challenge that the verifier handed out before
`

// act adds the flags of an act. The function returned reads what needs more
// than a flag.
func (f *flags) act() (*act, func() error) {
	q := &act{}
	f.StringVar(&q.audience, "audience", "", "")
	f.StringVar(&q.Action, "action", "", "")
	f.StringVar(&q.Resource, "resource", "", "")
	f.StringVar(&q.Payee, "payee", "", "")
	f.StringVar(&q.Category, "category", "", "")
	f.StringVar(&q.Rail, "rail", "", "")
	f.StringVar(&q.Region, "region", "", "")
	f.StringVar(&q.nonce, "nonce", "", "")
	f.money(&q.Amount, "amount")
	f.Func("params", "", func(s string) (err error) {
		if q.Attributes, err = credential.ParseValue(s); err == nil && q.Attributes.Kind().String() != "an object" {
			err = fmt.Errorf("it is %s, want an object", q.Attributes.Kind())
		}
		return err
	})
	body := f.String("body", "", "")
	return q, func() error {
		if err := f.need("audience", "action"); err != nil {
			return err
		}
		if err := passport.CheckAction(q.Action); err != nil {
			return f.usage("-action: %w", err)
		}
		if *body == "" {
			return nil
		}
		raw, err := f.app.read(*body, maxBody)
		q.bodyDigest = passport.Digest(raw)
		return err
	}
}

// maxBody is the largest message body that is read to be digested: what a
// process of a command may hold, not a rule of the protocol.
const maxBody = 64 << 20

// documentBytes is the largest document that any verb reads.
func documentBytes() int { return limits.Max().PresentationBytes }

// money adds a flag with an amount.
func (f *flags) money(into *passport.Money, name string) {
	f.Func(name, "", func(s string) error { return setMoney(into, s) })
}

func setMoney(into *passport.Money, s string) (err error) {
	*into, err = parseMoney(strings.Fields(s))
	return err
}

// parseMoney reads "12.50 USD", or "1.5 <CAIP-19 asset> <decimals>".
func parseMoney(fields []string) (passport.Money, error) {
	switch len(fields) {
	case 2:
		return passport.ParseMoney(fields[0], fields[1])
	case 3:
		n, err := strconv.Atoi(fields[2])
		if err != nil {
			return passport.Money{}, fmt.Errorf("%.40q is no number of decimals", fields[2])
		}
		return passport.ParseAssetMoney(fields[0], fields[1], n)
	}
	return passport.Money{}, errors.New(`want an amount and a currency, such as "12.50 USD"`)
}

// parseSpend reads "200.00 USD per day", and then, in this order, "in
// Europe/Berlin" and "for payments.*", if they are there.
func parseSpend(s string) (l passport.SpendLimit, err error) {
	fields := strings.Fields(s)
	at := -1
	for i, word := range fields {
		if word == "per" {
			at = i
			break
		}
	}
	if at < 0 || at+1 == len(fields) {
		return l, errors.New(`want an amount per period, such as "200.00 USD per day"`)
	}
	if l.Money, err = parseMoney(fields[:at]); err != nil {
		return l, err
	}
	l.Per, fields = passport.Period(fields[at+1]), fields[at+2:]
	if len(fields) >= 2 && fields[0] == "in" {
		l.TimeZone, fields = fields[1], fields[2:]
	}
	if len(fields) >= 2 && fields[0] == "for" {
		l.Action, fields = fields[1], fields[2:]
	}
	if len(fields) > 0 {
		return l, fmt.Errorf(`%.80q is too much: want "AMOUNT CURRENCY per PERIOD [in ZONE] [for ACTION]"`, strings.Join(fields, " "))
	}
	return l, nil
}
