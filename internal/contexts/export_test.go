package contexts

// Remembered returns how many active contexts the set holds on to.
func Remembered(s *Set) int { return len(reachable(s.Initial(), map[*Active]bool{})) }

func reachable(a *Active, seen map[*Active]bool) map[*Active]bool {
	if seen[a] {
		return seen
	}
	seen[a] = true
	if next := a.next.Load(); next != nil {
		for _, taken := range next.few {
			reachable(taken.to, seen)
		}
		for _, b := range next.more {
			reachable(b, seen)
		}
	}
	return seen
}
