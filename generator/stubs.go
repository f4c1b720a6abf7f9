package main

var searchCommand = &command{name: "search", run: func(c *call) int { return failed }}
