/// A figure is beyond what is promised of it: the benchmarks end with status 1.
struct BrokenBound: Error {
    let sentence: String
}
