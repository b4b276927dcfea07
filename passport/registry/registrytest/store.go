// Package registrytest has the tests that a registry.Store must pass, [TestStore], and an office for the tests of
// whoever issues or accepts passports, [NewOffice].
package registrytest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

var errNo = errors.New("no, after all")

// TestStore tests a store. open returns an empty one, which it closes at the end of
// the test.
func TestStore(t *testing.T, open func(t testing.TB) registry.Store) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) { rule.test(t, &bench{t, open(t)}) })
	}
}

// bench is a store under test. A transaction may run on another goroutine, where
// nothing may end the test: there it asserts.
type bench struct {
	t *testing.T
	registry.Store
}

func (b *bench) update(f func(tx registry.Tx)) {
	b.t.Helper()
	require.NoError(b.t, b.Update(context.Background(), func(tx registry.Tx) error { f(tx); return nil }))
}

func (b *bench) view(f func(tx registry.Tx)) {
	b.t.Helper()
	require.NoError(b.t, b.View(context.Background(), func(tx registry.Tx) error { f(tx); return nil }))
}

func doc(id string, version int64, body string, keys ...registry.Key) registry.Doc {
	return registry.Doc{Kind: "thing", ID: id, Version: version, Body: []byte(body), Keys: keys}
}

func (b *bench) has(id string, version int64, body string) {
	b.t.Helper()
	b.view(func(tx registry.Tx) {
		d, err := tx.Get("thing", id)
		assert.NoError(b.t, err)
		assert.Equal(b.t, version, d.Version)
		assert.Equal(b.t, body, string(d.Body))
	})
}

var rules = []struct {
	name string
	test func(t *testing.T, b *bench)
}{
	{"what is not there has version 0", func(_ *testing.T, b *bench) { b.has("x", 0, "") }},
	{"versions count from 1", func(t *testing.T, b *bench) {
		for n := range int64(3) {
			b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", n, fmt.Sprint("body ", n)))) })
			b.has("a", n+1, fmt.Sprint("body ", n))
		}
	}},
	{"another version is refused", func(t *testing.T, b *bench) {
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", 0, "one"))) })
		for _, version := range []int64{0, 2, -1} {
			b.update(func(tx registry.Tx) { assert.ErrorIs(t, tx.Put(doc("a", version, "two")), registry.ErrChanged) })
		}
		b.update(func(tx registry.Tx) { assert.ErrorIs(t, tx.Put(doc("b", 1, "two")), registry.ErrChanged) })
		b.has("a", 1, "one")
	}},
	{"kinds are apart", func(t *testing.T, b *bench) {
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", 0, "one"))) })
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(registry.Doc{Kind: "other", ID: "a", Body: []byte("two")}))
		})
		b.has("a", 1, "one")
	}},
	{"a transaction sees what it has put", func(t *testing.T, b *bench) {
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(doc("a", 0, "one")))
			d, err := tx.Get("thing", "a")
			assert.NoError(t, err)
			assert.EqualValues(t, 1, d.Version)
			d.Body = []byte("two")
			assert.NoError(t, tx.Put(d))
		})
		b.has("a", 2, "two")
	}},
	{"all or nothing", func(t *testing.T, b *bench) {
		err := b.Update(context.Background(), func(tx registry.Tx) error {
			assert.NoError(t, tx.Put(doc("a", 0, "one", registry.Key{Name: "u", Value: "v", Unique: true})))
			_, err := tx.Append("log", []byte("line"))
			assert.NoError(t, err)
			return errNo
		})
		assert.ErrorIs(t, err, errNo)
		b.has("a", 0, "")
		b.view(func(tx registry.Tx) {
			e, err := tx.Last("log")
			assert.NoError(t, err)
			assert.Zero(t, e.Number)
		})
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(doc("b", 0, "", registry.Key{Name: "u", Value: "v", Unique: true})))
		})
	}},
	{"a view changes nothing", func(t *testing.T, b *bench) {
		b.view(func(tx registry.Tx) {
			assert.Error(t, tx.Put(doc("a", 0, "one")))
			_, err := tx.Append("log", nil)
			assert.Error(t, err)
		})
		b.has("a", 0, "")
	}},
	{"views beside updates", func(t *testing.T, b *bench) {
		var all sync.WaitGroup
		for i := range 64 {
			id := fmt.Sprint("a", i)
			all.Go(func() {
				assert.NoError(t, b.View(context.Background(), func(tx registry.Tx) error {
					_, err := tx.Get("thing", id)
					return err
				}))
			})
			all.Go(func() {
				assert.NoError(t, b.Update(context.Background(), func(tx registry.Tx) error {
					return tx.Put(doc(id, 0, "one"))
				}))
			})
		}
		all.Wait()
	}},
	{"a unique key is one document's", func(t *testing.T, b *bench) {
		key := registry.Key{Name: "name", Value: "Ada", Unique: true}
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(doc("a", 0, "", key)))
			assert.ErrorIs(t, tx.Put(doc("b", 0, "", key)), registry.ErrTaken)
		})
		b.update(func(tx registry.Tx) { assert.ErrorIs(t, tx.Put(doc("c", 0, "", key)), registry.ErrTaken) })
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", 1, "again", key))) })
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", 2, "without"))) })
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("c", 0, "", key))) })
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(registry.Doc{Kind: "other", ID: "a", Keys: []registry.Key{key}}))
		})
	}},
	{"what is deleted is gone, with its keys", func(t *testing.T, b *bench) {
		one := []registry.Key{{Name: "name", Value: "Ada", Unique: true}, {Name: "color", Value: "red"}}
		red := func() (list []registry.Doc) {
			b.view(func(tx registry.Tx) {
				var err error
				list, err = tx.Find(registry.Query{Kind: "thing", Name: "color", Value: "red"})
				assert.NoError(t, err)
			})
			return list
		}
		b.update(func(tx registry.Tx) {
			assert.ErrorIs(t, tx.Delete(doc("a", 0, "")), registry.ErrChanged)
			assert.NoError(t, tx.Put(doc("a", 0, "one", one...)))
		})
		b.update(func(tx registry.Tx) { assert.ErrorIs(t, tx.Delete(doc("a", 2, "")), registry.ErrChanged) })
		b.view(func(tx registry.Tx) { assert.Error(t, tx.Delete(doc("a", 1, ""))) })
		assert.Len(t, red(), 1)
		assert.ErrorIs(t, b.Update(context.Background(), func(tx registry.Tx) error {
			assert.NoError(t, tx.Delete(doc("a", 1, "")))
			return errNo
		}), errNo)
		b.has("a", 1, "one")
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Delete(doc("a", 1, "")))
			d, err := tx.Get("thing", "a")
			assert.NoError(t, err)
			assert.Zero(t, d.Version)
			assert.NoError(t, tx.Put(doc("b", 0, "its key is free", one...)))
		})
		b.has("a", 0, "")
		assert.Len(t, red(), 1)
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Delete(doc("b", 1, "")))
			assert.NoError(t, tx.Put(doc("b", 0, "anew", one...)))
			assert.NoError(t, tx.Put(doc("c", 0, "")))
			assert.NoError(t, tx.Delete(doc("c", 1, "")))
		})
		b.has("b", 1, "anew")
		b.has("c", 0, "")
	}},
	{"documents are found by their keys, in order", func(t *testing.T, b *bench) {
		for i := range 25 {
			color := []string{"red", "blue"}[i%2]
			b.update(func(tx registry.Tx) {
				assert.NoError(t, tx.Put(doc(fmt.Sprintf("%02d", i), 0, "x", registry.Key{Name: "color", Value: color})))
			})
		}
		walk := func(newest bool) (ids []string) {
			b.view(func(tx registry.Tx) {
				for after := ""; ; {
					list, err := tx.Find(registry.Query{
						Kind: "thing", Name: "color", Value: "red", After: after, Newest: newest, Limit: 4,
					})
					assert.NoError(t, err)
					if len(list) == 0 {
						return
					}
					for _, d := range list {
						assert.EqualValues(t, 1, d.Version)
						assert.Equal(t, "x", string(d.Body))
						ids = append(ids, d.ID)
					}
					after = ids[len(ids)-1]
				}
			})
			return ids
		}
		up, down := walk(false), walk(true)
		assert.Len(t, up, 13)
		assert.IsIncreasing(t, up)
		assert.Len(t, down, 13)
		assert.IsDecreasing(t, down)
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("04", 1, "x"))) })
		assert.Len(t, walk(false), 12, "it has lost its key")
	}},
	{"entries are numbered without gaps", func(t *testing.T, b *bench) {
		for i := range 10 {
			b.update(func(tx registry.Tx) {
				for k := range 2 {
					n, err := tx.Append("log", []byte(strconv.Itoa(2*i+k+1)))
					assert.NoError(t, err)
					assert.EqualValues(t, 2*i+k+1, n)
				}
				e, err := tx.Last("log")
				assert.NoError(t, err)
				assert.EqualValues(t, 2*i+2, e.Number)
			})
		}
		b.view(func(tx registry.Tx) {
			list, err := tx.Read("log", 5, 3)
			assert.NoError(t, err)
			assert.Len(t, list, 3)
			for i, e := range list {
				assert.EqualValues(t, 6+i, e.Number)
				assert.Equal(t, strconv.Itoa(6+i), string(e.Body))
			}
			none, err := tx.Read("other", 0, 3)
			assert.NoError(t, err)
			assert.Empty(t, none)
		})
	}},
	{"Find finds what was there before", func(t *testing.T, b *bench) {
		red := registry.Key{Name: "color", Value: "red"}
		find := func(tx registry.Tx) (found []string) {
			list, err := tx.Find(registry.Query{Kind: "thing", Name: "color", Value: "red"})
			assert.NoError(t, err)
			for _, d := range list {
				found = append(found, fmt.Sprint(d.ID, " ", d.Version, " ", string(d.Body)))
			}
			return found
		}
		b.update(func(tx registry.Tx) {
			for _, id := range []string{"a", "b", "c"} {
				assert.NoError(t, tx.Put(doc(id, 0, "old", red)))
			}
			assert.Empty(t, find(tx), "what was put just now")
		})
		before := []string{"a 1 old", "b 1 old", "c 1 old"}
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(doc("d", 0, "new", red)))
			assert.NoError(t, tx.Put(doc("a", 1, "new", red)))
			assert.NoError(t, tx.Put(doc("b", 1, "without")))
			assert.NoError(t, tx.Delete(doc("c", 1, "")))
			assert.Equal(t, before, find(tx))
			d, err := tx.Get("thing", "a")
			assert.NoError(t, err)
			assert.Equal(t, "new", string(d.Body), "Get sees it")
		})
		b.view(func(tx registry.Tx) { assert.Equal(t, []string{"a 2 new", "d 1 new"}, find(tx)) })
	}},
	{"unique keys of one transaction", func(t *testing.T, b *bench) {
		u := func(value string) registry.Key { return registry.Key{Name: "name", Value: value, Unique: true} }
		taken := func(err error, by string) {
			var other *registry.Taken
			if assert.ErrorAs(t, err, &other) {
				assert.Equal(t, by, other.ID)
			}
		}
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(doc("a", 0, "", u("1"))))
			assert.NoError(t, tx.Put(doc("b", 0, "", u("2"))))
		})
		b.update(func(tx registry.Tx) { // they exchange their keys
			taken(tx.Put(doc("a", 1, "", u("2"))), "b")
			assert.NoError(t, tx.Put(doc("a", 1, "")))
			assert.NoError(t, tx.Put(doc("b", 1, "", u("1"))))
			assert.NoError(t, tx.Put(doc("a", 2, "", u("2"))))
			taken(tx.Put(doc("c", 0, "", u("1"))), "b")
			taken(tx.Put(doc("c", 0, "", u("2"))), "a")
		})
		b.update(func(tx registry.Tx) {
			taken(tx.Put(doc("c", 0, "", u("1"))), "b")
			assert.NoError(t, tx.Delete(doc("b", 2, "")))
			assert.NoError(t, tx.Put(doc("c", 0, "", u("1"), u("3"))))
			taken(tx.Put(doc("b", 0, "", u("3"))), "c")
			assert.NoError(t, tx.Put(doc("b", 0, "again", u("4"))))
		})
		b.has("b", 1, "again")
		b.update(func(tx registry.Tx) {
			for value, by := range map[string]string{"1": "c", "2": "a", "3": "c", "4": "b"} {
				taken(tx.Put(doc("d", 0, "", u(value))), by)
			}
			found, err := tx.Find(registry.Query{Kind: "thing", Name: "name", Value: "1"})
			assert.NoError(t, err)
			assert.Empty(t, found, "Find does not look for unique keys")
		})
	}},
	{"a stream forgets its beginning", func(t *testing.T, b *bench) {
		add := func(n int, stream string) {
			b.update(func(tx registry.Tx) {
				for range n {
					_, err := tx.Append(stream, []byte("x"))
					assert.NoError(t, err)
				}
			})
		}
		left := func(stream string) (numbers []int64) {
			b.view(func(tx registry.Tx) {
				list, err := tx.Read(stream, 0, 100)
				assert.NoError(t, err)
				for _, e := range list {
					numbers = append(numbers, e.Number)
				}
			})
			return numbers
		}
		trim := func(upTo int64) {
			b.update(func(tx registry.Tx) { assert.NoError(t, tx.Trim("log", upTo)) })
		}
		trim(5) // there is nothing
		add(6, "log")
		add(3, "other")
		trim(4)
		assert.Equal(t, []int64{5, 6}, left("log"))
		trim(2)
		assert.Equal(t, []int64{5, 6}, left("log"))
		assert.ErrorIs(t, b.Update(context.Background(), func(tx registry.Tx) error {
			assert.NoError(t, tx.Trim("log", 5))
			return errNo
		}), errNo)
		b.view(func(tx registry.Tx) { assert.Error(t, tx.Trim("log", 5)) })
		assert.Equal(t, []int64{5, 6}, left("log"))
		trim(100)
		assert.Equal(t, []int64{6}, left("log"), "the newest stays")
		add(1, "log")
		assert.Equal(t, []int64{6, 7}, left("log"), "numbers go on")
		b.update(func(tx registry.Tx) {
			n, err := tx.Append("log", []byte("y"))
			assert.NoError(t, err)
			assert.NoError(t, tx.Trim("log", n))
		})
		assert.Equal(t, []int64{8}, left("log"))
		assert.Equal(t, []int64{1, 2, 3}, left("other"))
	}},
	{"what is handed over may change", func(t *testing.T, b *bench) {
		body := []byte("one")
		b.update(func(tx registry.Tx) {
			assert.NoError(t, tx.Put(registry.Doc{Kind: "thing", ID: "a", Body: body}))
			body[0] = 'X'
		})
		b.has("a", 1, "one")
	}},
	{"many at a time", func(t *testing.T, b *bench) {
		const callers, each = 16, 10
		var all sync.WaitGroup
		errs := make([]error, callers)
		for c := range callers {
			all.Go(func() {
				for range each {
					errs[c] = errors.Join(errs[c], b.Update(context.Background(), func(tx registry.Tx) error {
						d, err := tx.Get("thing", "counter")
						if err != nil {
							return err
						}
						n, _ := strconv.Atoi(string(d.Body))
						d.Body = []byte(strconv.Itoa(n + 1))
						if err := tx.Put(d); err != nil {
							return err
						}
						number, err := tx.Append("log", d.Body)
						if err == nil && number != int64(n+1) {
							return fmt.Errorf("entry %d for count %d", number, n+1)
						}
						return err
					}))
				}
			})
		}
		all.Wait()
		assert.NoError(t, errors.Join(errs...))
		b.has("counter", callers*each, strconv.Itoa(callers*each))
	}},
	{"views beside updates", func(t *testing.T, b *bench) {
		var all sync.WaitGroup
		errs := make([]error, 16)
		for c := range errs {
			all.Go(func() {
				for range 20 {
					f := func(registry.Tx) error { return nil }
					if c%2 == 0 {
						errs[c] = errors.Join(errs[c], b.View(context.Background(), f))
						continue
					}
					errs[c] = errors.Join(errs[c], b.Update(context.Background(), func(tx registry.Tx) error {
						_, err := tx.Append("log", nil)
						return err
					}))
				}
			})
		}
		all.Wait()
		assert.NoError(t, errors.Join(errs...))
	}},
	{"a panic is an error of its caller", func(t *testing.T, b *bench) {
		var none map[string]int
		assert.Error(t, b.Update(context.Background(), func(tx registry.Tx) error {
			none["x"]++
			return tx.Put(doc("a", 0, "one"))
		}))
		b.has("a", 0, "")
		b.update(func(tx registry.Tx) { assert.NoError(t, tx.Put(doc("a", 0, "two"))) })
	}},
	{"a caller that went away changes nothing", func(t *testing.T, b *bench) {
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		assert.Error(t, b.Update(gone, func(tx registry.Tx) error { return tx.Put(doc("a", 0, "one")) }))
		assert.Error(t, b.View(gone, func(registry.Tx) error { return nil }))
		b.has("a", 0, "")
	}},
}
