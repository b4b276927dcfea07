package verifyhttp

// Networks returns how many networks of a site a limiter tells apart.
func Networks(l *MemoryLimiter, site string) int { return l.sites[site].networks }

// Sentences are all that may travel to a client.
func Sentences() []string {
	out := make([]string, len(sentences))
	for i, s := range sentences {
		out[i] = string(s)
	}
	return out
}
