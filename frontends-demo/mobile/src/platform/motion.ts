import { useEffect, useState } from "react";
import { AccessibilityInfo } from "react-native";

/** Whether the user wants things to move as little as possible. */
export function useReducedMotion(): boolean {
  const [reduced, setReduced] = useState(true); // still until it is known
  useEffect(() => {
    void AccessibilityInfo.isReduceMotionEnabled().then(setReduced);
    const change = AccessibilityInfo.addEventListener("reduceMotionChanged", setReduced);
    return () => change.remove();
  }, []);
  return reduced;
}
