package verifya2a_test

import (
	"context"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2aclient"

	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
)

// What every adapter must do, of messages and of streams.
func TestAdapter(t *testing.T) {
	t.Run("message", func(t *testing.T) {
		adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter {
			return adapter(t, func(client *a2aclient.Client, p *a2a.MessageSendParams) error {
				_, err := client.SendMessage(context.Background(), p)
				return err
			})
		})
	})
	t.Run("stream", func(t *testing.T) {
		adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter {
			return adapter(t, func(client *a2aclient.Client, p *a2a.MessageSendParams) (err error) {
				for _, e := range client.SendStreamingMessage(context.Background(), p) {
					if e != nil {
						err = e
					}
				}
				return err
			})
		})
	})
}

func adapter(t *testing.T, send func(*a2aclient.Client, *a2a.MessageSendParams) error) *adaptertest.Adapter {
	s := newShop(t, func(s *shop) { s.client.Skills["undeclared"] = s.client.Skills["charge"] })
	bare := newShop(t, func(s *shop) { s.bare = true })
	var taken *a2a.MessageSendParams // which has the message's ID, too
	change := func(f func(*a2a.MessageSendParams)) *a2aclient.Client { return s.dial(onWire{change: f}) }
	clients := map[adaptertest.Fault]*a2aclient.Client{
		adaptertest.None: change(func(p *a2a.MessageSendParams) {
			if taken == nil {
				taken = p
			}
		}),
		adaptertest.Bare:    s.connect(),
		adaptertest.Again:   s.connect(),
		adaptertest.NoGuard: bare.dial(),
		adaptertest.Tampered: change(func(p *a2a.MessageSendParams) {
			p.Message.Parts[0] = a2a.DataPart{Data: map[string]any{"amount": "0.01"}}
		}),
	}
	s.client.Audience = "did:web:other.example"
	clients[adaptertest.Elsewhere] = s.dial()
	return &adaptertest.Adapter{
		World: s.World,
		Ran:   func() int { return int(s.ran.Load() + bare.ran.Load()) },
		Call: func(c adaptertest.Call) adaptertest.Answer {
			client, skill := clients[c.Fault], "charge"
			switch c.Fault {
			case adaptertest.Undeclared:
				client, skill = clients[adaptertest.None], "undeclared"
			case adaptertest.Unsent:
				client, skill = clients[adaptertest.None], "unheard of"
			}
			params := ask(skill, adaptertest.Dollars(c.Cents))
			if c.Fault == adaptertest.Again {
				params = taken
			}
			err := send(client, params)
			if p, refused := verifya2a.ReadRefusal(err); refused {
				return adaptertest.Answer{Problem: p, Text: p.Text()}
			}
			return adaptertest.Answer{Err: err}
		},
	}
}
