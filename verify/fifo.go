package verify

// fifo is a queue whose items are numbered from 1 on, in the order in which
// they were pushed.
type fifo[T any] struct {
	items []T // from head on
	head  int
	gone  int // how many were popped
}

// live returns the items, the oldest first.
func (f *fifo[T]) live() []T { return f.items[f.head:] }

// push adds an item and returns its number.
func (f *fifo[T]) push(v T) int {
	if len(f.items) == cap(f.items) && f.head > len(f.items)/2 {
		// There is room at the front: a queue that is as long as it was needs
		// no more memory, however many items pass through it.
		n := copy(f.items, f.live())
		clear(f.items[n:])
		f.items, f.head = f.items[:n], 0
	}
	f.items = append(f.items, v)
	return f.gone + len(f.live())
}

// get returns the item of a number, nil if it was popped or is yet to come.
func (f *fifo[T]) get(number int) *T {
	if i := number - f.gone - 1; i >= 0 && i < len(f.live()) {
		return &f.live()[i]
	}
	return nil
}

// pop removes the oldest item.
func (f *fifo[T]) pop() {
	clear(f.items[f.head : f.head+1]) // it may hold on to memory
	f.head, f.gone = f.head+1, f.gone+1
}
