/** Field definitions that the schemas share. */
export const text = { type: String, required: true };
export const absentable = { type: String };
/** An instant as the storage port has them: text. */
export const instant = { type: String, required: true };
export const flag = { type: Boolean, required: true };
export const count = { type: Number, required: true, min: 0 };
