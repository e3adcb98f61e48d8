/// A dictionary that forgets what was added first when it has too much.
struct Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var values: [Key: Value] = [:]
    private var order: [Key] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Everything that is remembered, in the order in which it was added.
    var all: [(key: Key, value: Value)] { order.compactMap { key in values[key].map { (key, $0) } } }

    subscript(key: Key) -> Value? {
        get { values[key] }
        set {
            if let newValue, values.updateValue(newValue, forKey: key) == nil {
                order.append(key)
                // A tenth at a time, for taking from the beginning moves the rest.
                if order.count > limit {
                    for old in order.prefix(max(1, limit / 10)) { values[old] = nil }
                    order.removeFirst(max(1, limit / 10))
                }
            }
        }
    }

    /// Changes a value in its place, if it is remembered.
    mutating func change(_ key: Key, _ body: (inout Value) -> Void) {
        guard var value = values[key] else { return }
        body(&value)
        values[key] = value
    }
}
