package sqlstore

import "maps"

// cache has rows as the last transaction has left them, so that the next one does not read
// them again. It is good for the connection that has committed them, and as long as
// no other one has committed anything, which the engine tells by a number. A transaction
// takes it away and gives it back when it was committed: after one that failed there is
// none.
type cache struct {
	conn     Conn
	version  int64
	agents   generations[agent]
	holds    generations[hold]
	places   generations[passage]
	accounts generations[account]
	spans    generations[*span]
	marks    map[int]instant // nil: not known
}

// generation is how many rows one generation has.
const generation = 4096

// generations remember the latest values. There are two: the older one is dropped as a
// whole.
type generations[T any] struct{ young, old map[digest]T }

func (g *generations[T]) put(key digest, value T) {
	if g.young == nil || len(g.young) >= generation {
		g.young, g.old = make(map[digest]T, generation/16), g.young
	}
	g.young[key] = value
}

func (g *generations[T]) of(key digest) (value T, known bool) {
	if value, known = g.young[key]; !known {
		value, known = g.old[key]
	}
	return value, known
}

func (g *generations[T]) drop(key digest) {
	delete(g.young, key)
	delete(g.old, key)
}

// recall takes what the last transaction has left, if nobody has written since.
func (w *work) recall(last *cache) error {
	if w.engine.Version == "" {
		return nil
	}
	version := int64(0)
	if _, err := w.one(w.engine.Version, nil, func(r Row) { version = r.Int(0) }); err != nil {
		return err
	}
	if w.cache = last; last == nil || last.conn != w.Conn || last.version != version {
		w.cache = &cache{conn: w.Conn, version: version}
	}
	return nil
}

// keep returns what this transaction has left, which was committed.
func (w *work) keep() *cache {
	c := w.cache
	if c == nil {
		return nil
	}
	keep(&c.agents, w.agents)
	keep(&c.holds, w.holds)
	keep(&c.places, w.places)
	keep(&c.accounts, w.accounts)
	for key, s := range w.spans {
		a := w.accounts[key]
		if s == nil || a == nil || a.gone {
			c.spans.drop(key)
			continue
		}
		s.trim(a.now.since)
		c.spans.put(key, s)
	}
	if len(w.marks) > 0 {
		c.marks = w.marks
	}
	return c
}

// undone is what was remembered before a group that was not written, and the uses that it has read.
func (w *work) undone() *cache {
	c := w.cache
	for key, s := range w.spans {
		if a := w.accounts[key]; s != nil && a != nil && !a.fresh {
			c.spans.put(key, s)
		}
	}
	for key, u := range w.uses {
		if s, _ := c.spans.of(key.account); u.fresh {
			s.remove(key.at, key.hold)
		} else { // it is not known what it was
			c.spans.drop(key.account)
		}
	}
	return c
}

// keep keeps rows. What is not there is not remembered.
func keep[T any](g *generations[T], all rows[digest, T]) {
	for key, r := range all {
		if r == nil || r.gone {
			g.drop(key)
		} else {
			g.put(key, r.now)
		}
	}
}

// knownMarks returns the marks as they were, if they are known.
func (c *cache) knownMarks() (marks map[int]instant, known bool) {
	if c == nil || c.marks == nil {
		return nil, false
	}
	return maps.Clone(c.marks), true
}
