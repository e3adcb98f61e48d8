/// Whether two byte strings are equal, in a time that depends on their length alone.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    // Plain indices: this is asked several times a renewal, and nothing generic is in its way in a debug build either.
    var index = 0
    while index < left.count {
        difference |= left[index] ^ right[index]
        index += 1
    }
    return difference == 0
}
