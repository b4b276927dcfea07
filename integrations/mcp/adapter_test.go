package verifymcp_test

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	verifymcp "github.com/safeconduct/safeconduct/integrations/mcp"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
)

// What every adapter must do, on each transport.
func TestAdapter(t *testing.T) {
	for transport := range transports {
		t.Run(transport, func(t *testing.T) {
			adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter { return adapter(t, transport) })
		})
	}
}

func adapter(t *testing.T, transport string) *adaptertest.Adapter {
	s := newShop(t, func(s *shop) {
		s.client.Tools["undeclared"] = s.client.Tools["charge"]
		delete(s.client.Tools, "admin")
	})
	bare := newShop(t, func(s *shop) { s.bare = true })
	taken := ""
	keep := onWire(func(p *mcp.CallToolParams) {
		if taken == "" {
			taken, _ = p.Meta[verifymcp.MetaPresentation].(string)
		}
	})
	elsewhere := s.client
	elsewhere.Audience = "did:web:other.example"
	sessions := map[adaptertest.Fault]*mcp.ClientSession{
		adaptertest.None:     s.connect(transport, keep),
		adaptertest.Bare:     s.stock(transport),
		adaptertest.Tampered: s.connect(transport, onWire(func(p *mcp.CallToolParams) { p.Arguments = charge("0.01") })),
		adaptertest.Again: s.connect(transport, onWire(func(p *mcp.CallToolParams) {
			p.Meta[verifymcp.MetaPresentation] = taken
		})),
		adaptertest.NoGuard: bare.connect(transport, nil),
	}
	s.client = elsewhere
	sessions[adaptertest.Elsewhere] = s.connect(transport, nil)
	return &adaptertest.Adapter{
		World: s.World,
		Ran:   func() int { return int(s.ran.Load() + bare.ran.Load()) },
		Call: func(c adaptertest.Call) adaptertest.Answer {
			session, tool := sessions[c.Fault], "charge"
			switch c.Fault {
			case adaptertest.Undeclared:
				session, tool = sessions[adaptertest.None], "undeclared"
			case adaptertest.Unsent:
				session, tool = sessions[adaptertest.None], "admin"
			}
			res, err := call(session, tool, charge(adaptertest.Dollars(c.Cents)))
			if p, refused := verifymcp.ReadRefusal(res, err); refused {
				return adaptertest.Answer{Problem: p, Text: text(t, res)}
			}
			return adaptertest.Answer{Err: err}
		},
	}
}
