package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// limitBlocks are limits that policy packs read, by the capability or the pack that they are for. Passports carry them
// in the extension of the Open Agent Passport.
type limitBlocks map[string]json.RawMessage

// packNames are the names that a block of limits may have, with the capabilities that spend what it limits: those of
// packs that ask for an amount.
func packNames() map[string][]string {
	names := map[string][]string{}
	for _, id := range packs.IDs() {
		pack, err := packs.Published(id)
		if err != nil {
			continue // a test of package packs has loaded all of them
		}
		spend := []string{}
		if slices.Contains(pack.Facts().Context, "amount") {
			spend = pack.Capabilities()
		}
		for _, name := range append(pack.Capabilities(), id[:strings.LastIndex(id, ".v")]) {
			names[name] = spend
		}
	}
	return names
}

// splitLimits takes the blocks out of the limits of a request. The others are flat.
func splitLimits(text json.RawMessage) (flat json.RawMessage, blocks limitBlocks, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, nil, badRequest("limits", "want an object")
	}
	names := packNames()
	for name, value := range members {
		if names[name] == nil {
			continue
		}
		if v, err := credential.ParseValue(string(value)); err != nil || !strings.HasPrefix(v.Raw(), "{") {
			return nil, nil, badRequest("limits."+name, "want an object")
		}
		if blocks == nil {
			blocks = limitBlocks{}
		}
		blocks[name] = value
		delete(members, name)
	}
	flat, err = json.Marshal(members)
	return flat, blocks, err
}

// capsOf are the limits of amounts in blocks, which the ledger keeps, too.
var capsOf = map[string]passport.Period{
	"max_per_tx": passport.PerTransaction, "daily_cap": passport.PerDay, "max_daily_amount": passport.PerDay,
}

// into adds blocks to limits: as an extension, and what they say of amounts by currency as limits of what is spent.
func (b limitBlocks) into(l *registry.Limits) error {
	if len(b) == 0 {
		return nil
	}
	names := packNames()
	for _, name := range slices.Sorted(maps.Keys(b)) {
		v, err := credential.ParseValue(string(b[name]))
		if err != nil {
			return badRequest("limits."+name, "%v", err)
		}
		for currency, caps := range v.Get("currency_limits").Members() {
			for member, value := range caps.Members() {
				per, ok := capsOf[member]
				if !ok {
					continue
				}
				most, err := passport.ParseMinorUnits(value.Raw(), currency)
				if err != nil {
					return badRequest("limits."+name+".currency_limits", "%v", err)
				}
				for _, action := range names[name] {
					l.Spend = append(l.Spend, passport.SpendLimit{Money: most, Per: per, Action: action})
				}
			}
		}
	}
	var err error
	l.Extensions, err = json.Marshal(map[string]any{packs.Extension: map[string]any{"limits": b}})
	return err
}

// blocksOf are the blocks of a record.
func blocksOf(p *registry.Record) (b limitBlocks) {
	var e map[string]struct{ Limits limitBlocks }
	if json.Unmarshal(p.Extensions, &e) != nil {
		return nil
	}
	return e[packs.Extension].Limits
}

// limitsOf writes the limits of a record as APort does.
func limitsOf(p *registry.Record) map[string]any {
	m := flatOf(&p.Authority)
	for name, block := range blocksOf(p) {
		m[name] = block
	}
	return m
}

// spends reports whether an authority says how much an action may spend.
func spends(a *passport.Authority, action string) bool {
	return !a.MaxTransaction.IsZero() || slices.ContainsFunc(a.SpendLimits, func(l passport.SpendLimit) bool {
		return l.Action == action || l.Action == ""
	})
}
