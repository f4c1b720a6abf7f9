package main

var serveCommand = &command{name: "serve", run: func(c *call) int { return failed }}
var searchCommand = &command{name: "search", run: func(c *call) int { return failed }}
