package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

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
		// The state is saved before anybody sees the edition: the next one is
		// later, whatever happens in between.
		var editions statuslist.Editions
		err = a.withState(*state, func(list *statuslist.Publisher) (err error) {
			editions, err = list.Publish(ctx, signer, statuslist.PublishOptions{Now: a.now(), ValidFor: *life, TTL: *ttl})
			return err
		})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(*out, 0o755); err != nil {
			return ioFailure(err, "cannot make the folder")
		}
		return a.publishLists(ctx, *out, editions)
	}
}

type publishedJSON struct {
	URL        string `json:"url"`
	File       string `json:"file"`
	ValidUntil string `json:"validUntil"`
}

func (a *app) publishLists(ctx context.Context, dir string, editions statuslist.Editions) error {
	var written []publishedJSON
	for _, e := range editions {
		name, err := statuslist.FileName(e.URL)
		if err == nil {
			err = statuslist.Dir(dir).Put(ctx, e)
		}
		if err != nil {
			return ioFailure(err, "cannot publish %s", e.URL)
		}
		written = append(written, publishedJSON{e.URL, filepath.Join(dir, name), instant(e.ValidUntil)})
		if !a.json {
			a.text.line("%s  good until %s", filepath.Join(dir, name), datetime.Format(e.ValidUntil))
			a.text.line("  to be served at %s", e.URL)
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
