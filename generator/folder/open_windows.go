package folder

// atOnce makes opening a pipe wait for nobody; no folder of Windows has one.
const atOnce = 0
