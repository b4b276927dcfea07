package did_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// issuerDocument lists key 1 for issuing and key 2 for presenting.
func issuerDocument(t testing.TB) *did.Document {
	return parse(t, `{"id":"ID","verificationMethod":[M1,M2],"assertionMethod":["#k1"],"authentication":["#k2"]}`)
}

func TestDID20Offline(t *testing.T) {
	static, err := did.NewStatic(issuerDocument(t))
	require.NoError(t, err)
	_, err = static.Resolve(ctx, did.MustParse(issuer))
	require.NoError(t, err)
	for name, r := range map[string]did.Resolver{"no resolver": nil, "static": static, "zero static": &did.Static{}} {
		_, err = did.ResolveKey(ctx, r, did.MustParseURL(stranger+"#k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrNotFound, name)
	}
}

func TestResolveKey(t *testing.T) {
	static, err := did.NewStatic(issuerDocument(t))
	require.NoError(t, err)
	mux := did.Mux{"key": did.KeyMethods(), "web": static}
	for _, r := range []did.Resolver{static, mux} {
		key, err := did.ResolveKey(ctx, r, url("k1"), did.AssertionMethod, time.Time{})
		require.NoError(t, err)
		require.Equal(t, testKey(1).PublicKey(), key)
		_, err = did.ResolveKey(ctx, r, url("k1"), did.Authentication, time.Time{})
		require.ErrorIs(t, err, did.ErrRelationship)
		_, err = did.ResolveKey(ctx, r, url("k3"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrKey)
		_, err = did.ResolveKey(ctx, r, did.URL{}, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrInvalidDID)
	}
	key, err := did.ResolveKey(ctx, mux, testKey(5).KeyID(), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	require.Equal(t, testKey(5).PublicKey(), key)
}

func TestDID21Mux(t *testing.T) {
	for _, mux := range []did.Mux{nil, {}, {"web": nil}, {"key": did.KeyMethods()}} {
		_, err := mux.Resolve(ctx, did.MustParse(issuer))
		require.ErrorIs(t, err, did.ErrMethodNotSupported)
		_, err = mux.ResolveKey(ctx, url("k1"), did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrMethodNotSupported)
		_, err = mux.Resolve(ctx, did.DID{})
		require.ErrorIs(t, err, did.ErrInvalidDID)
	}
	mux := did.Mux{"key": did.KeyMethods()}
	doc, err := mux.Resolve(ctx, testKey(1).DID())
	require.NoError(t, err)
	require.Equal(t, testKey(1).DID(), doc.ID())
}

// TestMuxUsesTheKeyResolver holds that the cheap way is taken where there is
// one.
func TestMuxUsesTheKeyResolver(t *testing.T) {
	mux := did.Mux{"web": onlyKeys{}}
	key, err := did.ResolveKey(ctx, mux, url("k1"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	require.Equal(t, testKey(9).PublicKey(), key)
}

type onlyKeys struct{ did.Resolver }

func (onlyKeys) ResolveKey(context.Context, did.URL, did.Relationship, time.Time) (did.PublicKey, error) {
	return testKey(9).PublicKey(), nil
}

// TestDID18WrongDocument holds that no resolver can answer for another DID.
func TestDID18WrongDocument(t *testing.T) {
	doc := issuerDocument(t)
	liar := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return doc, nil })
	silent := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, nil })
	cached := func(r did.Resolver) did.Resolver {
		c, err := did.NewCache(did.CacheConfig{Resolver: r})
		require.NoError(t, err)
		return c
	}
	asked := did.MustParseURL(stranger + "#k1")
	for _, r := range []did.Resolver{liar, did.Mux{"web": liar}, cached(liar)} {
		_, err := did.ResolveKey(ctx, r, asked, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrInvalidDocument)
		require.ErrorIs(t, err, did.ErrKey)
	}
	for _, r := range []did.Resolver{silent, did.Mux{"web": silent}, cached(silent)} {
		_, err := did.ResolveKey(ctx, r, asked, did.AssertionMethod, time.Time{})
		require.ErrorIs(t, err, did.ErrNotFound)
	}
	for _, r := range []did.Resolver{did.Mux{"web": liar}, cached(liar)} {
		_, err := r.Resolve(ctx, asked.DID())
		require.ErrorIs(t, err, did.ErrInvalidDocument)
	}
}

func TestNewStaticRefuses(t *testing.T) {
	for name, documents := range map[string][]*did.Document{
		"nil": {nil}, "zero": {{}}, "two of one DID": {issuerDocument(t), issuerDocument(t)},
	} {
		_, err := did.NewStatic(documents...)
		require.ErrorIs(t, err, did.ErrInvalidDocument, name)
	}
}
