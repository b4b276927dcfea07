package verify

import (
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/did"
)

// listTable is a hash table of lists by issuer and URL that is read without a
// lock: its buckets are replaced and never changed. Writers take turns. The hash
// has a secret seed, so that nobody fills one bucket on purpose.
type listTable struct {
	seed    maphash.Seed
	buckets atomic.Pointer[[]listBucket]
	count   int
}

type listBucket = atomic.Pointer[[]*listEntry]

// fullBucket is how many entries a bucket has on average before there are more
// buckets.
const fullBucket = 4

func (t *listTable) bucket(buckets []listBucket, issuer did.DID, url string) *listBucket {
	hash := maphash.String(t.seed, url) ^ maphash.String(t.seed, issuer.String())
	return &buckets[hash%uint64(len(buckets))]
}

// find returns the entry of a list, nil if there is none.
func (t *listTable) find(issuer did.DID, url string) *listEntry {
	buckets := t.buckets.Load()
	if buckets == nil {
		return nil
	}
	list := t.bucket(*buckets, issuer, url).Load()
	if list == nil {
		return nil
	}
	for _, e := range *list {
		if e.url == url && e.issuer == issuer {
			return e
		}
	}
	return nil
}

// insert adds the entry of a list that has none.
func (t *listTable) insert(e *listEntry) {
	buckets := t.buckets.Load()
	if buckets == nil || t.count >= fullBucket*len(*buckets) {
		buckets = t.wider(buckets)
	}
	t.count++
	addTo(t.bucket(*buckets, e.issuer, e.url), e)
}

// wider returns a table of twice the size, which is the table from now on.
func (t *listTable) wider(old *[]listBucket) *[]listBucket {
	n := 64
	if old != nil {
		n = 2 * len(*old)
	}
	next := make([]listBucket, n)
	if old != nil {
		for i := range *old {
			if list := (*old)[i].Load(); list != nil {
				for _, e := range *list {
					addTo(t.bucket(next, e.issuer, e.url), e)
				}
			}
		}
	}
	t.buckets.Store(&next)
	return &next
}

func addTo(b *listBucket, e *listEntry) {
	next := []*listEntry{e}
	if old := b.Load(); old != nil {
		next = append(next, *old...)
	}
	b.Store(&next)
}

// remove takes the entry out.
func (t *listTable) remove(e *listEntry) {
	b := t.bucket(*t.buckets.Load(), e.issuer, e.url)
	next := slices.DeleteFunc(slices.Clone(*b.Load()), func(x *listEntry) bool { return x == e })
	b.Store(&next)
	t.count--
}
