// Package nginx holds tests with a real nginx in front of a guard, as most users
// have one: HTTP/1.1 and HTTP/2, connections that are recycled, reloads and
// restarts. SAFECONDUCT_NGINX names the program; without it the tests are
// skipped.
package nginx
