package qr

func draw(version int, words []byte) *Code {
	size := 4*version + 17
	c := &Code{size, make([]bool, size*size), make([]bool, size*size)}
	c.patterns(version)
	c.place(words)
	best, least := 0, int(^uint(0)>>1)
	for mask := range 8 {
		c.mask(mask)
		c.format(mask)
		if p := c.penalty(); p < least {
			best, least = mask, p
		}
		c.mask(mask) // a second time undoes it
	}
	c.mask(best)
	c.format(best)
	return c
}

// set draws a module of a pattern, which holds no data.
func (c *Code) set(x, y int, dark bool) {
	c.dark[y*c.size+x], c.function[y*c.size+x] = dark, true
}

func abs(n int) int { return max(n, -n) }

// patterns draws everything that is the same whatever the data are.
func (c *Code) patterns(version int) {
	for i := range c.size { // timing
		c.set(6, i, i%2 == 0)
		c.set(i, 6, i%2 == 0)
	}
	for _, at := range [][2]int{{3, 3}, {c.size - 4, 3}, {3, c.size - 4}} { // finders
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				x, y := at[0]+dx, at[1]+dy
				if ring := max(abs(dx), abs(dy)); x >= 0 && x < c.size && y >= 0 && y < c.size {
					c.set(x, y, ring != 2 && ring != 4)
				}
			}
		}
	}
	places := c.alignment(version)
	for i, x := range places {
		for j, y := range places {
			last := len(places) - 1
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue // the finders are there
			}
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					c.set(x+dx, y+dy, max(abs(dx), abs(dy)) != 1)
				}
			}
		}
	}
	c.format(0) // keeps its place
	if version >= 7 {
		rem := version
		for range 12 {
			rem = rem<<1 ^ rem>>11*0x1F25
		}
		bits := version<<12 | rem
		for i := range 18 {
			a, b := c.size-11+i%3, i/3
			c.set(a, b, bits>>i&1 != 0)
			c.set(b, a, bits>>i&1 != 0)
		}
	}
}

// alignment are the places of the alignment patterns, in both directions.
func (c *Code) alignment(version int) []int {
	if version == 1 {
		return nil
	}
	n := version/7 + 2
	step := (version*8 + n*3 + 5) / (n*4 - 4) * 2
	out := make([]int, n)
	for i, at := n-1, c.size-7; i > 0; i, at = i-1, at-step {
		out[i] = at
	}
	out[0] = 6
	return out
}

// format draws which mask and which level of error correction there is, twice.
func (c *Code) format(mask int) {
	data := 1<<3 | mask // level L
	rem := data
	for range 10 {
		rem = rem<<1 ^ rem>>9*0x537
	}
	bits := (data<<10 | rem) ^ 0x5412
	bit := func(i int) bool { return bits>>i&1 != 0 }
	for i := range 6 {
		c.set(8, i, bit(i))
	}
	c.set(8, 7, bit(6))
	c.set(8, 8, bit(7))
	c.set(7, 8, bit(8))
	for i := 9; i < 15; i++ {
		c.set(14-i, 8, bit(i))
	}
	for i := range 8 {
		c.set(c.size-1-i, 8, bit(i))
	}
	for i := 8; i < 15; i++ {
		c.set(8, c.size-15+i, bit(i))
	}
	c.set(8, c.size-8, true)
}

// place draws the codewords, in columns of two, up and down.
func (c *Code) place(words []byte) {
	i := 0
	for right := c.size - 1; right >= 1; right -= 2 {
		if right == 6 {
			right = 5
		}
		for v := range c.size {
			for j := range 2 {
				x, y := right-j, v
				if (right+1)&2 == 0 {
					y = c.size - 1 - v
				}
				if !c.function[y*c.size+x] && i < 8*len(words) {
					c.dark[y*c.size+x] = words[i/8]>>(7-i%8)&1 != 0
					i++
				}
			}
		}
	}
}

func (c *Code) mask(mask int) {
	for y := range c.size {
		for x := range c.size {
			invert := false
			switch mask {
			case 0:
				invert = (x+y)%2 == 0
			case 1:
				invert = y%2 == 0
			case 2:
				invert = x%3 == 0
			case 3:
				invert = (x+y)%3 == 0
			case 4:
				invert = (x/3+y/2)%2 == 0
			case 5:
				invert = x*y%2+x*y%3 == 0
			case 6:
				invert = (x*y%2+x*y%3)%2 == 0
			case 7:
				invert = ((x+y)%2+x*y%3)%2 == 0
			}
			if i := y*c.size + x; invert && !c.function[i] {
				c.dark[i] = !c.dark[i]
			}
		}
	}
}

// penalty says how hard a code is to read (section 7.8.3 of the standard): runs and squares of one colour, what looks
// like a finder, too much of one colour.
func (c *Code) penalty() (sum int) {
	dark := 0
	for y := range c.size {
		sum += c.lines(func(i int) bool { return c.Dark(i, y) }) + c.lines(func(i int) bool { return c.Dark(y, i) })
		for x := range c.size {
			d := c.Dark(x, y)
			if d {
				dark++
			}
			if x > 0 && y > 0 && d == c.Dark(x-1, y) && d == c.Dark(x, y-1) && d == c.Dark(x-1, y-1) {
				sum += 3
			}
		}
	}
	all := c.size * c.size
	return sum + ((abs(dark*20-all*10)+all-1)/all-1)*10
}

// lines is the penalty of one row or column.
func (c *Code) lines(at func(i int) bool) (sum int) {
	run, bits := 0, 0
	for i := range c.size {
		if i > 0 && at(i) == at(i-1) {
			run++
		} else {
			run = 1
		}
		switch {
		case run == 5:
			sum += 3
		case run > 5:
			sum++
		}
		bits = bits << 1 & 0x7FF
		if at(i) {
			bits |= 1
		}
		if i >= 10 && (bits == 0b00001011101 || bits == 0b10111010000) {
			sum += 40
		}
	}
	return sum
}
