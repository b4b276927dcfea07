package verify_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

func TestQuantity(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	toBig := func(q verify.Quantity) *big.Int {
		b := new(big.Int).SetUint64(q.Hi)
		return b.Or(b.Lsh(b, 64), new(big.Int).SetUint64(q.Lo))
	}
	most := verify.Quantity{Hi: ^uint64(0), Lo: ^uint64(0)}
	for range 10_000 {
		a, b := verify.Quantity{Hi: rng.Uint64() >> rng.Intn(65), Lo: rng.Uint64()},
			verify.Quantity{Hi: rng.Uint64() >> rng.Intn(65), Lo: rng.Uint64()}
		require.Equal(t, toBig(a).Cmp(toBig(b)), a.Cmp(b))
		require.Equal(t, toBig(a).String(), a.String())
		sum := new(big.Int).Add(toBig(a), toBig(b))
		if sum.Cmp(toBig(most)) > 0 {
			sum = toBig(most)
		}
		require.Equal(t, sum.String(), a.Add(b).String())
		diff := new(big.Int).Sub(toBig(a), toBig(b))
		if diff.Sign() < 0 {
			diff.SetInt64(0)
		}
		require.Equal(t, diff.String(), a.Sub(b).String())
	}
	require.Equal(t, verify.Quantity{}, verify.Count(-1))
}

// A quantity reads back what it prints, and its bytes are in its order.
func TestQuantityReadsBack(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	most := verify.Quantity{Hi: ^uint64(0), Lo: ^uint64(0)}
	all := []verify.Quantity{{}, {Lo: 1}, {Lo: 9}, {Lo: 10}, {Lo: ^uint64(0)}, {Hi: 1}, most}
	for range 2_000 {
		all = append(all, verify.Quantity{Hi: rng.Uint64() >> rng.Intn(65), Lo: rng.Uint64() >> rng.Intn(65)})
	}
	for i, q := range all {
		back, err := verify.ParseQuantity(q.String())
		require.NoError(t, err)
		require.Equal(t, q, back)
		b := q.Bytes()
		require.Equal(t, q, verify.QuantityFromBytes(b))
		other := all[(i+1)%len(all)]
		ob := other.Bytes()
		require.Equal(t, q.Cmp(other), bytes.Compare(b[:], ob[:]))
		text, err := json.Marshal(q)
		require.NoError(t, err)
		require.Equal(t, `"`+q.String()+`"`, string(text))
		var read verify.Quantity
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, q, read)
	}
	for _, bad := range []string{
		"", "-1", "+1", "1 ", " 1", "01", "00", "1e3", "1.5", "0x1", "١",
		"340282366920938463463374607431768211456", "999999999999999999999999999999999999999", "1" + strings.Repeat("0",
			400),
	} {
		q := verify.Count(7)
		require.Error(t, q.UnmarshalText([]byte(bad)), bad)
		require.Equal(t, verify.Quantity{}, q)
	}
}

// What is read is what a number of any size would be, or refused.
func FuzzParseQuantity(f *testing.F) {
	for _, seed := range []string{"0", "10", "340282366920938463463374607431768211455",
		"340282366920938463463374607431768211456", "-1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := verify.ParseQuantity(text)
		n, ok := new(big.Int).SetString(text, 10)
		good := ok && n.BitLen() <= 128 && n.String() == text && n.Sign() >= 0
		require.Equal(t, good, err == nil, text)
		if good {
			require.Equal(t, text, q.String())
		}
	})
}
