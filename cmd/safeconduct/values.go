package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
)

// flag is one row of a verb's table.
func flag(name string, v cli.Value, help string) cli.Flag {
	return cli.Flag{Name: name, Value: v, Help: help}
}

// What the flags of this command take, beside texts and numbers.

func didValue(into *did.DID) cli.Value {
	return cli.Value{Kind: "DID", Set: func(s string) (err error) {
		*into, err = did.Parse(s)
		return err
	}}
}

func didList(into *[]did.DID) cli.Value { return each(into, didValue) }

// each makes a flag that may be given several times of one that is given once.
func each[T any](into *[]T, one func(*T) cli.Value) cli.Value {
	v := one(new(T))
	v.Many, v.Set = true, func(s string) error {
		var item T
		err := one(&item).Set(s)
		*into = append(*into, item)
		return err
	}
	return v
}

// checked adds a check to a value, or whatever else is to be done with it, which comes first.
func checked(v cli.Value, check func(string) error) cli.Value {
	set := v.Set
	v.Set = func(s string) error {
		if err := check(s); err != nil {
			return err
		}
		return set(s)
	}
	return v
}

func capabilityValue(c *passport.Capability) cli.Value {
	return checked(cli.Text("ACTION", &c.Action), passport.CheckActionPattern)
}

func instantValue(into *time.Time) cli.Value {
	return cli.Value{Kind: "INSTANT", Set: func(s string) (err error) {
		if *into, err = datetime.Parse(s); err != nil {
			err = fmt.Errorf("want an instant such as 2026-11-21T09:00:00Z: %w", err)
		}
		return err
	}}
}

// clock is the flag -now.
func (a *app) clock() cli.Flag {
	var at time.Time
	v := checked(instantValue(&at), func(string) error {
		a.now, a.nowGiven = func() time.Time { return at }, true
		return nil
	})
	return flag("now", v, "what time to take it for: 2026-11-21T09:00:00Z")
}

func levelValue(into *passport.Level) cli.Value {
	return cli.Choice("LEVEL", (*string)(into), "L0", "L1", "L2", "L3", "L4KYC", "L4FIN")
}

// formatValue is a format in which something is written.
func formatValue(into *credential.Format) cli.Value {
	return checked(cli.Choice("NAME", new(string), "vc+jwt"), func(string) error {
		*into = vcjwt.Format()
		return nil
	})
}

// formatsValue are the formats that are read beside documents with a proof.
func formatsValue(into *[]credential.Format) cli.Value {
	return checked(formatValue(new(credential.Format)), func(string) error {
		*into = []credential.Format{vcjwt.Format()} // there is one
		return nil
	})
}

func objectValue(into *credential.Value) cli.Value {
	return cli.Value{Kind: "JSON", Set: func(s string) (err error) {
		if *into, err = credential.ParseValue(s); err == nil && into.Kind().String() != "an object" {
			err = fmt.Errorf("it is %s, want an object", into.Kind())
		}
		return err
	}}
}

// moneyValue takes "12.50 USD", or "1.5 <CAIP-19 asset> <decimals>".
func moneyValue(into *passport.Money) cli.Value {
	return cli.Value{Kind: "MONEY", Set: func(s string) error {
		fields := strings.Fields(s)
		if len(fields) == 0 { // which would be no amount at all, and restrict nothing
			return errors.New(`want an amount and a currency, such as "12.50 USD"`)
		}
		return into.UnmarshalText([]byte(strings.Join(fields, " ")))
	}}
}

// spendValue reads "200.00 USD per day", and then, in this order, "in Europe/Berlin" and "for payments.*", if they are
// there.
func spendValue(into *passport.SpendLimit) cli.Value {
	return cli.Value{Kind: "LIMIT", Set: func(s string) error {
		amount, rest, _ := strings.Cut(s, " per ")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			return errors.New(`want an amount per period, such as "200.00 USD per day"`)
		}
		if err := moneyValue(&into.Money).Set(amount); err != nil {
			return err
		}
		into.Per, fields = passport.Period(fields[0]), fields[1:]
		for _, part := range []struct {
			word string
			to   *string
		}{{"in", &into.TimeZone}, {"for", &into.Action}} {
			if len(fields) >= 2 && fields[0] == part.word {
				*part.to, fields = fields[1], fields[2:]
			}
		}
		if len(fields) > 0 {
			return fmt.Errorf(`%.80q is too much: want "AMOUNT CURRENCY per PERIOD [in ZONE] [for ACTION]"`,
				strings.Join(fields, " "))
		}
		return nil
	}}
}
