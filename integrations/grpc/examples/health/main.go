// Health is a gRPC server whose health is told to agents with a passport alone, and an agent
// that asks. The service is the standard one, so that there is nothing to generate.
//
//	go run ./examples/health
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/safeconduct/safeconduct/did"
	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

const audience = "did:web:shop.example"

// methods say what calls mean, at the server and at the agent.
var methods = map[string]verifygrpc.Method{
	"/grpc.health.v1.Health/Check": {Call: meaning.Call{Action: "health.read", Resource: "/service"}},
}

func main() {
	ctx := context.Background()
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())

	// The issuer: the agent may read the health of the shop, and of nothing else.
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "health.read"}}, Resources: []string{"shop"},
		},
	}, passport.IssueOptions{}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()}))

	// The server: two interceptors guard it, and Covers names what nobody could call.
	guard := must(verifygrpc.New(verifygrpc.Config{
		Verifier: must(verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(),
			Status: lists.Static(), Ledger: ledger.NewMemory(ledger.Options{}),
		})),
		Audience: audience, Methods: methods,
	}))
	server := grpc.NewServer(grpc.UnaryInterceptor(guard.Unary), grpc.StreamInterceptor(guard.Stream))
	states := health.NewServer()
	states.SetServingStatus("shop", pb.HealthCheckResponse_SERVING)
	states.SetServingStatus("bank", pb.HealthCheckResponse_SERVING)
	pb.RegisterHealthServer(server, states)
	fmt.Println(guard.Covers(server))
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	// The agent: one line makes every declared call carry a passport.
	presenter := must(verifygrpc.NewPresenter(verifygrpc.PresenterConfig{
		Agent: agent, Chain: passport.Chain{pass}, Audience: audience, Methods: methods,
		InsecureAllowPlaintext: true, // this example has no certificate; a passport wants TLS
	}))
	conn := must(grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithUnaryInterceptor(presenter.Unary)))
	defer func() { _ = conn.Close() }()
	for _, service := range []string{"shop", "bank"} {
		answer, err := pb.NewHealthClient(conn).Check(ctx, &pb.HealthCheckRequest{Service: service})
		if err != nil {
			fmt.Printf("%s: %s\n", service, first(status.Convert(err).Message()))
			continue
		}
		fmt.Printf("%s: %s\n", service, answer.GetStatus())
	}
}

func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
