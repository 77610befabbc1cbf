/** Where on the mesh address a Hypha takes connections of contacts about room (docs/formats/friend-place.md). */
export const friendPort = 9911;
