package render

import "sync"

// routeSearch lays out the files below /search/.
func (g *Generation) routeSearch() {
	g.search = sync.OnceValues(func() (map[string][]byte, error) { return nil, nil })
}
