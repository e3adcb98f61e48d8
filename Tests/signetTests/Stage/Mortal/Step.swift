/// A moment at which a ``MortalProcess`` dies: so many bytes into a call, those before having gone, and this one not.
struct Step: Hashable, Sendable {
    /// The call's name.
    let call: String
    /// A file's path below the folder that counts, `.` for the folder, `door` or `connection`.
    let place: String
    /// Which of those calls, counted from 1.
    let number: Int
    /// How many of its bytes have gone; 0 is the moment before the call.
    let byte: Int

    init(_ call: String, in place: String, number: Int = 1, byte: Int = 0) {
        self.call = call
        self.place = place
        self.number = number
        self.byte = byte
    }
}
