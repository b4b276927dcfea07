package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/statuslist"
)

func (a *app) statusPublish(ctx context.Context, f *flags, state *string) func([]string) error {
	f.clock()
	key, as, out := f.String("key", "", ""), f.String("as", "", ""), f.String("out", "", "")
	life, ttl := f.Duration("for", 24*time.Hour, ""), f.Duration("ttl", 0, "")
	return func([]string) error {
		if err := f.need("key", "out"); err != nil {
			return err
		}
		if *life <= 0 || *ttl < 0 {
			return f.usage("-for and -ttl are times that are to come")
		}
		signer, err := a.signer(*key, *as)
		if err != nil {
			return err
		}
		unlock, err := lock(*state) // or an older list could replace a newer one
		if err != nil {
			return err
		}
		defer unlock()
		list, err := a.readState(*state)
		if err != nil {
			return err
		}
		first, second, err := list.Publish(ctx, signer, statuslist.PublishOptions{Now: a.now(), ValidFor: *life, TTL: *ttl})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(*out, 0o755); err != nil {
			return ioFailure(err, "cannot make the folder")
		}
		return a.publishLists(*out, first, second)
	}
}

type publishedJSON struct {
	URL        string `json:"url"`
	File       string `json:"file"`
	ValidUntil string `json:"validUntil"`
}

func (a *app) publishLists(dir string, lists ...*credential.Signed) error {
	var written []publishedJSON
	for _, l := range lists {
		if l == nil {
			continue
		}
		c := l.Unverified()
		name, err := statuslist.FileName(c.ID)
		if err == nil {
			err = statuslist.Dir(dir).Put(c.ID, l.Bytes())
		}
		if err != nil {
			return ioFailure(err, "cannot publish %s", c.ID)
		}
		written = append(written, publishedJSON{c.ID, filepath.Join(dir, name), instant(c.ValidUntil)})
		if !a.json {
			a.text.line("%s  good until %s", filepath.Join(dir, name), datetime.Format(c.ValidUntil))
			a.text.line("  to be served at %s", c.ID)
		}
	}
	if a.json {
		return a.answer(struct {
			header
			Lists []publishedJSON `json:"lists"`
		}{kind("status-published"), written})
	}
	return nil
}
