package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// desk is an office with one agent, on whose one grant all passports stand: there is no worse case.
type desk struct {
	*registry.Registry
	org          *registry.Org
	agent, grant string
	lists        *statuslist.Memory
	source       statuslist.Source

	mu    sync.Mutex
	fresh []string // passports that nothing has happened to
	old   string   // one of the first
	lines int64    // of the audit log, at least
}

func newOffice(ctx context.Context, s store.Store) (*subject, error) {
	r, err := registry.Open(registry.Config{
		Store: s.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
	})
	if err != nil {
		return nil, err
	}
	d := &desk{Registry: r, lists: new(statuslist.Memory), source: r.Lists.Source()}
	if d.org, err = d.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example"}); err != nil {
		return nil, err
	}
	a, err := d.Agents.Create(ctx, d.org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("agent").DID()})
	if err != nil {
		return nil, err
	}
	g, err := d.Grants.Create(ctx, d.org.Admin(), registry.NewGrant{
		Agent: a.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: storebench.Clock().AddDate(10, 0, 0),
	})
	if err != nil {
		return nil, err
	}
	d.agent, d.grant = a.ID, g.ID
	return &subject{fill: func(n int) error { return d.fill(ctx, n) }, first: []ask{
		{name: "the first Lists.Publish", callers: 1, long: 0,
			do: func() error { return d.Lists.Publish(ctx, d.lists) }},
	}, asked: d.asked(ctx), whole: d.whole(ctx)}, nil
}

func (d *desk) issue(ctx context.Context) (*registry.Passport, error) {
	return d.Passports.Issue(ctx, d.org.Admin(), registry.NewPassport{
		Agent: d.agent, Grant: d.grant, Categories: []string{"compute"}, ExpiresIn: "720h",
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	})
}

// fill brings the office to so many passports. One of a hundred is revoked, and one is suspended for some weeks.
func (d *desk) fill(ctx context.Context, n int) error {
	if err := each(min(n, issued), func(int) error {
		p, err := d.issue(ctx)
		if err == nil {
			d.mu.Lock()
			d.fresh = append(d.fresh, p.ID)
			d.mu.Unlock()
		}
		return err
	}); err != nil {
		return err
	}
	c := &clones{desk: d, store: d.Store()}
	if err := c.until(ctx, n-issued); err != nil {
		return err
	}
	all := append(d.fresh, c.made...)
	d.fresh, d.lines = all[len(all)/50:][:min(len(all)-len(all)/50, 40_000)], int64(n)
	return each(len(all)/50, func(i int) error {
		if i%2 == 0 {
			_, err := d.Passports.Revoke(ctx, d.org.Admin(), all[i], "")
			return err
		}
		long := 20*24*time.Hour - time.Duration(i)*time.Second
		_, err := d.Passports.Suspend(ctx, d.org.Admin(), all[i], registry.Suspension{For: long})
		return err
	})
}

// each does something n times, of many callers.
func each(n int, do func(i int) error) error {
	const callers = 64
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, callers)
	for c := range callers {
		all.Go(func() {
			for errs[c] == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				errs[c] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// take takes a passport that nothing has happened to, one of the oldest.
func (d *desk) take(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.old == "" {
		d.old = d.fresh[0]
	}
	if len(d.fresh) < 2 {
		p, err := d.issue(ctx)
		if err != nil {
			return "", err
		}
		return p.ID, nil
	}
	d.fresh = d.fresh[1:]
	return d.fresh[0], nil
}

// asked is what is measured. What changes a passport takes another one each time.
func (d *desk) asked(ctx context.Context) []ask {
	admin := func() registry.Actor { return d.org.Admin() }
	query := func(q registry.PassportQuery) func() error {
		return func() error {
			_, err := d.Passports.List(ctx, admin(), q)
			return err
		}
	}
	changed := func(do func(id string) error) func() error {
		return func() error {
			id, err := d.take(ctx)
			if err == nil {
				err = do(id)
			}
			return err
		}
	}
	revoke := func(id string) error {
		_, err := d.Passports.Revoke(ctx, admin(), id, "")
		return err
	}
	const short, long = 30 * time.Millisecond, 60 * time.Millisecond
	return []ask{
		{name: "Issue", callers: 1, long: short, do: func() error { _, err := d.issue(ctx); return err }},
		{name: "Get", callers: 1, long: long, do: func() error {
			if d.old == "" {
				d.old = d.fresh[0]
			}
			_, err := d.Passports.Get(ctx, admin(), d.old)
			return err
		}},
		{name: "List, a page of an organisation", callers: 1, long: long, do: query(registry.PassportQuery{Limit: 10})},
		{name: "List, a page of what is revoked", callers: 1, long: long,
			do: query(registry.PassportQuery{Limit: 10, Status: registry.Revoked})},
		{name: "Suspend", callers: 1, long: short, do: changed(func(id string) error {
			_, err := d.Passports.Suspend(ctx, admin(), id, registry.Suspension{For: 48 * time.Hour})
			return err
		})},
		{name: "Revoke", callers: 1, long: short, do: changed(revoke)},
		{name: "Revoke, and a question to Lists.Source", callers: 1, long: long, do: changed(func(id string) error {
			p, err := d.Passports.Get(ctx, admin(), id)
			if err == nil {
				err = revoke(id)
			}
			if err != nil {
				return err
			}
			_, err = d.source.StatusList(ctx, p.Places[0].List)
			return err
		})},
		{name: "Revoke, and Lists.Publish", callers: 1, long: long, do: changed(func(id string) error {
			if err := revoke(id); err != nil {
				return err
			}
			return d.Lists.Publish(ctx, d.lists)
		})},
		{name: "Lists.NextPublish", callers: 1, long: long,
			do: func() error { _, err := d.Lists.NextPublish(ctx); return err }},
		{name: "Audit.Head", callers: 1, long: long,
			do: func() error { _, err := d.Audit.Head(ctx, admin(), ""); return err }},
		{name: "Audit.List, the newest lines", callers: 1, long: long, do: func() error {
			_, err := d.Audit.List(ctx, admin(), "", d.lines, 50)
			return err
		}},
	}
}

// whole is what looks at all there is.
func (d *desk) whole(ctx context.Context) []ask {
	return []ask{
		{name: "List, 5 pages of 200", callers: 1, units: 5 * 200, do: func() error {
			q := registry.PassportQuery{Limit: 200}
			for range 5 {
				page, err := d.Passports.List(ctx, d.org.Admin(), q)
				if err != nil {
					return err
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			return nil
		}},
		{name: "Audit.Verify", callers: 1, long: 0,
			do: func() error { return d.Audit.Verify(ctx, d.org.Admin(), "") }},
	}
}
