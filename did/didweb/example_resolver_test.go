package didweb_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"fmt"
	"log"
	"net/http/httptest"
	"net/netip"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

// An issuer serves its document and changes its key. A verifier keeps what it has fetched for a while; who is told of
// the change forgets it.
func ExampleResolver() {
	ctx := context.Background()
	host := new(didweb.Host)
	server := httptest.NewTLSServer(host) // on loopback, with the certificate of example.com
	defer server.Close()
	id, err := didweb.NewDID("example.com" + server.URL[strings.LastIndex(server.URL, ":"):])
	if err != nil {
		log.Fatal(err)
	}
	put := func(fragment string, seed byte) {
		key, err := did.PublicKeyOf(ed25519.NewKeyFromSeed(append(make([]byte, 31), seed)).Public())
		if err != nil {
			log.Fatal(err)
		}
		doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
			{Fragment: fragment, Key: key, Relationships: []did.Relationship{did.AssertionMethod}},
		}})
		if err != nil {
			log.Fatal(err)
		}
		if err := host.Put(ctx, doc); err != nil {
			log.Fatal(err)
		}
	}

	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	web, err := didweb.New(didweb.Config{ // in production: didweb.Config{}
		RootCAs: roots, InsecureAllowPrivateAddresses: true,
		LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	show := func(when string) {
		doc, err := web.Resolve(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(when, doc.Methods()[0].ID.Fragment())
	}
	put("2026", 1)
	show("at first:")
	put("2027", 2)
	show("from the cache:")
	web.Forget(id)
	show("fetched anew:")
	// Output:
	// at first: 2026
	// from the cache: 2026
	// fetched anew: 2027
}
